/** Lets a person choose from a list. Without a person, the list is the answer and nothing is chosen. */
import { UsageError } from '../mode.ts';
import { readKeys } from '../render/keys.ts';
import { choosePaint, type Paint } from '../render/paint.ts';
import { drawPicker, newPicker, pressInPicker, type Choice } from '../render/pick.ts';
import { leave, newScreen, paint as paintScreen } from '../render/screen.ts';
import { oneLine } from '../render/strip.ts';
import type { Streams } from '../streams.ts';

/** A lone ESC is a key when nothing follows within this time. Milliseconds. */
const ESCAPE_MS = 30;

/** Draws the list below what stands on the screen, and takes it away again. Null: nothing was chosen. */
export const pick = (
  title: string,
  choices: readonly Choice[],
  { stdin, stdout, out }: Streams,
  paint: Paint,
): Promise<number | null> =>
  new Promise((resolve) => {
    const sizeNow = () => ({ columns: Math.max(20, stdout.columns || 80), rows: Math.max(6, stdout.rows || 24) });
    let picker = newPicker(title, choices);
    let screen = newScreen(sizeNow());
    let unread = '';
    let escape: NodeJS.Timeout | undefined;
    const draw = (): void => {
      const size = sizeNow();
      const live = drawPicker(picker, { ...size, rows: size.rows - 1, paint });
      const [next, bytes] = paintScreen(screen, { committed: [], live, cursor: null, size });
      screen = next;
      out(bytes);
    };
    const end = (index: number | null): void => {
      clearTimeout(escape);
      stdin.off('data', take);
      stdin.off('end', gone);
      stdout.off('resize', draw);
      out(leave(screen));
      resolve(index);
    };
    const gone = (): void => end(null);
    const press = (isFlush: boolean): void => {
      const [keys, rest] = readKeys(unread, isFlush);
      unread = rest;
      for (const key of keys) {
        const pressed = pressInPicker(picker, key);
        if (pressed.kind === 'left') return end(null);
        if (pressed.kind === 'picked') return end(pressed.index);
        picker = pressed.picker;
      }
      draw();
    };
    const take = (chunk: string): void => {
      clearTimeout(escape);
      unread += chunk;
      press(false);
      if (unread !== '') escape = setTimeout(() => press(true), ESCAPE_MS);
    };
    stdin.setEncoding('utf8');
    stdin.on('data', take);
    stdin.on('end', gone);
    stdout.on('resize', draw);
    draw();
  });

/** Before there is a chat: the terminal is taken for the list and given back. */
export const pickOne = async (
  title: string,
  choices: readonly Choice[],
  streams: Streams,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> => {
  const list = choices.map(({ label }, i) => `${String(i + 1).padStart(3)}  ${oneLine(label)}`).join('\n');
  if (!streams.isInTty || !streams.isOutTty || env['TERM'] === 'dumb')
    throw new UsageError(`which one? (--last takes the first; an id takes any)\n${list}`);
  streams.stdin.setRawMode?.(true);
  try {
    const index = await pick(title, choices, streams, choosePaint('auto', streams.isOutTty, env));
    if (index === null) throw new UsageError('nothing was chosen');
    return index;
  } finally {
    streams.stdin.setRawMode?.(false);
    streams.stdin.pause();
  }
};
