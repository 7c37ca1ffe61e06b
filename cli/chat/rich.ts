/** The painted front end: finished cells go into the scrollback once, below them the live region. Raw keys in, one write per frame out. */
import type { RuntimeConfig } from '../../actors/contract.ts';
import type { Surroundings } from '../mode.ts';
import { readKeys } from '../render/keys.ts';
import type { Paint } from '../render/paint.ts';
import { leave, newScreen, paint as paintScreen, type Size } from '../render/screen.ts';
import { strip } from '../render/strip.ts';
import { wrap } from '../render/width.ts';
import type { Cell } from './cells.ts';
import { callBack, FOCUS_OFF, FOCUS_ON, type Focus } from './attention.ts';
import { newComposer, pressKey, withQuestion, type Act } from './composer.ts';
import { drawCell, drawQuestion } from './draw.ts';
import { readLine } from './input.ts';
import { pick } from './pick.ts';
import { placeOf } from './place.ts';
import { keysNow } from './keys-now.ts';
import { drawLive, FRAME_MS } from './live.ts';
import { translate, type Keymap } from './keymap.ts';
import type { FrontEnd } from './plain.ts';
import type { Prompts } from './prompts.ts';
import type { SlashName } from './slash.ts';
import type { Talk } from './talk.ts';
import { insert, withText } from '../render/editor.ts';
import { completeFile } from './files.ts';
import { pastedImage } from './images.ts';
import { editOutside, pageOutside } from './outside.ts';
import { createTranscript } from './transcript.ts';

/** At most so often is the screen written. Milliseconds. */
const PAINT_MS = 16;
/** A lone ESC is a key when nothing follows within this time. Milliseconds. */
const ESCAPE_MS = 30;
/** Pastes and the focus are told apart from keys. */
const TAKE = `\x1b[?2004h${FOCUS_ON}`;
const GIVE_BACK = `\x1b[?2004l${FOCUS_OFF}`;

export interface RichOptions {
  readonly surroundings: Surroundings;
  readonly config: RuntimeConfig;
  readonly paint: Paint;
  readonly prompts: Prompts;
  readonly keymap: Keymap;
}

export const createRich = ({ surroundings, config, paint, prompts, keymap }: RichOptions): FrontEnd => {
  const { streams, stop } = surroundings;
  const { stdin, stdout } = streams;
  const sizeNow = (): Size => ({ columns: Math.max(20, stdout.columns || 80), rows: Math.max(6, stdout.rows || 24) });

  let talk: Talk | null = null;
  let composer = newComposer(prompts.entries);
  let screen = newScreen(sizeNow());
  let waiting: string[] = [];
  let lastOutput = '';
  let isPaused = false;
  let focus: Focus = 'unknown';
  const placeNow = (): string => placeOf(config.cwd, surroundings.env['HOME']);
  let place = placeNow();
  const transcript = createTranscript();
  let timer: NodeJS.Timeout | null = null;

  const refusal = (name: SlashName): string | null => talk?.refusal(name) ?? null;

  const paintNow = (): void => {
    timer = null;
    const view = talk?.view();
    if (view === undefined || isPaused) return;
    const size = sizeNow();
    const live = drawLive({ view, composer, config, place, paint, ...size, now: Date.now(), refusal });
    const committed = waiting;
    waiting = [];
    const [next, bytes] = paintScreen(screen, { committed, live: live.rows, cursor: live.cursor, size });
    screen = next;
    streams.out(bytes);
  };
  const paintSoon = (): void => {
    timer ??= setTimeout(paintNow, PAINT_MS);
  };
  const commit = (lines: readonly string[]): void => {
    const { columns } = sizeNow();
    transcript.add(lines);
    waiting.push(...lines.flatMap((line) => wrap(line, columns)));
    paintSoon();
  };

  const show: FrontEnd['show'] = (cells: readonly Cell[], happening) => {
    for (const cell of cells) if (cell.kind === 'call') lastOutput = cell.fact.output;
    commit(cells.flatMap((cell) => drawCell(cell, paint, sizeNow().columns)));
    const view = talk?.view();
    if (view === undefined || talk === null) return;
    composer = withQuestion(composer, view.pending.length > 0);
    streams.out(callBack(happening, focus));
    if (view.phase === 'idle') place = placeNow(); // a turn may have changed the branch
    if (view.returned.length > 0) {
      // Words that could not be delivered are the user's again: they stand before what is being written.
      const back = view.returned.join('\n');
      const target = composer.stash ?? composer.editor;
      const editor = withText(target, target.text === '' ? back : `${back}\n${target.text}`);
      composer = composer.stash === null ? { ...composer, editor } : { ...composer, stash: editor };
      talk.tookReturned();
    }
  };

  const redraw = (): void => {
    screen = { ...screen, live: screen.live.map(() => '\0') }; // nothing is taken to be there already
    paintNow();
  };

  /** The terminal belongs to somebody else until `resume`. */
  const hold = (): void => {
    isPaused = true;
    streams.out(`${leave(screen)}${GIVE_BACK}`);
    stdin.setRawMode?.(false);
  };
  const resume = (): void => {
    stdin.setRawMode?.(true);
    streams.out(TAKE);
    screen = newScreen(sizeNow());
    isPaused = false;
    paintNow();
  };

  const act = (given: Talk, one: Act): void => {
    switch (one.kind) {
      case 'submit':
        prompts.remember(given.session().id, one.text);
        return void given.mean(readLine(one.text));
      case 'queue':
        prompts.remember(given.session().id, one.text);
        return given.queue(one.text);
      case 'decide':
        return given.decide(one.pending, one.decision);
      case 'interrupt':
        return given.interrupt();
      case 'leave':
        return given.leave();
      case 'rewind':
      case 'plan':
        return void given.mean({ kind: 'slash', name: one.kind, rest: '' });
      case 'help':
        return commit(keysNow(given.view(), (op) => given.session().can(op), keymap));
      case 'expand': {
        const pending = given.view().pending[0];
        if (pending !== undefined)
          commit(drawQuestion(pending, { index: 1, of: given.view().pending.length, now: Date.now() }, paint));
        else
          commit(
            strip(lastOutput)
              .split('\n')
              .map((line) => `  ${paint.dim(line)}`),
          );
        return;
      }
      case 'complete':
        void completeFile(config.cwd, composer.editor).then((found) => {
          if (found === null) return;
          composer = { ...composer, editor: found.editor };
          if (found.others.length > 0) commit([paint.dim(`  ${found.others.join('  ')}`)]);
          paintSoon();
        });
        return;
      case 'paste':
        void pastedImage(surroundings.env).then((file) => {
          if (file === null)
            return commit([paint.yellow('  no image was copied (wl-paste, xclip and pngpaste were asked)')]);
          composer = { ...composer, editor: insert(composer.editor, `@${file} `) };
          paintSoon();
        });
        return;
      case 'transcript':
        hold();
        void pageOutside(transcript.text(), surroundings.env).then((isShown) => {
          resume();
          if (!isShown) commit([paint.yellow('  no pager could be used: $PAGER, less and more were tried')]);
        });
        return;
      case 'edit':
        hold();
        void editOutside(composer.editor.text, surroundings.env).then((text) => {
          if (text !== null) composer = { ...composer, editor: withText(composer.editor, text) };
          resume();
        });
        return;
      case 'suspend':
        hold();
        process.once('SIGCONT', resume);
        process.kill(process.pid, 'SIGTSTP');
        return;
      case 'redraw':
        return redraw();
    }
  };

  const run: FrontEnd['run'] = async (given) => {
    talk = given;
    let unread = '';
    let escape: NodeJS.Timeout | null = null;
    const take = (isFlush: boolean): void => {
      const [keys, rest] = readKeys(unread, isFlush);
      unread = rest;
      for (const pressed of keys) {
        if (pressed.name === 'focus' || pressed.name === 'blur') {
          focus = pressed.name === 'focus' ? 'here' : 'away';
          continue;
        }
        const key = translate(keymap, pressed);
        if (key === null) continue;
        const [next, acts] = pressKey(composer, given.view(), key, Date.now());
        composer = next;
        for (const one of acts) act(given, one);
      }
      paintNow(); // an echo does not wait for the next frame
    };
    const onData = (chunk: string): void => {
      if (isPaused) return;
      if (escape !== null) clearTimeout(escape);
      unread += chunk;
      take(false);
      escape = unread === '' || unread.startsWith('\x1b[200~') ? null : setTimeout(() => take(true), ESCAPE_MS);
    };
    const gone = new Promise<void>((resolve) => {
      stdin.once('end', resolve);
      stdin.once('error', () => resolve());
    });
    const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    stdin.setEncoding('utf8');
    stdin.setRawMode?.(true);
    stdin.on('data', onData);
    stdout.on('resize', paintNow);
    streams.out(TAKE);
    surroundings.beforeExit(() => streams.out(`${leave(screen)}${GIVE_BACK}`));
    // Time is shown only while something takes time.
    const ticking = setInterval(() => {
      if (given.view().phase !== 'idle' || composer.primed !== null) paintSoon();
    }, FRAME_MS);
    paintNow();

    await Promise.race([given.left, stopped, gone]);
    clearInterval(ticking);
    stdin.off('data', onData);
    stdout.off('resize', paintNow);
    composer = newComposer([]);
    await given.close();
    if (timer !== null) clearTimeout(timer);
    paintNow();
    streams.out(`${leave(screen)}${GIVE_BACK}`);
    stdin.setRawMode?.(false);
    stdin.destroy();
  };
  const choose: FrontEnd['pick'] = async (title, choices) => {
    isPaused = true;
    streams.out(leave(screen));
    const index = await pick(title, choices, streams, paint);
    screen = newScreen(sizeNow());
    isPaused = false;
    paintNow();
    return index;
  };

  return { show, run, pick: choose };
};
