/** The live region: what runs, what is asked, what is being written, and the status line. Pure, and never taller than it may be. */
import type { RuntimeConfig } from '../../actors/contract.ts';
import { seconds, tail, titleOf } from '../human-lines.ts';
import type { Paint } from '../render/paint.ts';
import type { Cursor } from '../render/screen.ts';
import { oneLine, strip } from '../render/strip.ts';
import { fit, widthOf, wrap } from '../render/width.ts';
import { runningOf } from './answers.ts';
import { popupOf, PRIME_MS, type Composer } from './composer.ts';
import { drawQuestion } from './draw.ts';
import { styleLine } from './markdown.ts';
import { SLASH, type SlashName } from './slash.ts';
import type { ChatView } from './view.ts';

/** Columns of the labels of a question; what is wrapped stands beside them. */
const LABEL_COLUMNS = 10;
const MAX_ROWS = 24;
const EDITOR_ROWS = 8;
const POPUP_ROWS = 8;
const SHOWN_CALLS = 4;
const TAIL_LINES = 3;
/** Of a line that is still being written, so much is drawn. Characters. */
const OPEN_CHARS = 4_000;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
export const FRAME_MS = 120;

export interface LiveInput {
  readonly view: ChatView;
  readonly composer: Composer;
  readonly config: RuntimeConfig;
  /** The folder and its branch, in words. */
  readonly place: string;
  readonly columns: number;
  readonly rows: number;
  readonly now: number;
  readonly paint: Paint;
  /** Why a command cannot be used now. */
  readonly refusal: (name: SlashName) => string | null;
}

export interface Live {
  readonly rows: readonly string[];
  readonly cursor: Cursor;
}

export const stateWord = (view: ChatView): string => {
  if (view.phase === 'aborting') return 'aborting';
  if (view.phase === 'closed') return 'closed';
  if (view.phase === 'idle') return 'ready';
  if (view.pending.length > 0) return 'waiting for you';
  if (view.retry !== null) return 'retrying';
  if (view.calls.length > 0) return 'executing';
  if (view.speech.heard !== '') return 'answering';
  return view.isThinking ? 'thinking' : 'asking the model';
};

const thousands = (count: number): string => (count < 1000 ? String(count) : `${Math.round(count / 1000)}k`);

const statusLine = ({ view, composer, config, place, now, columns, paint }: LiveInput): string => {
  if (composer.primed !== null && now - composer.primed.at < PRIME_MS)
    return paint.yellow(composer.primed.key === 'quit' ? 'once more quits' : 'Esc again: clear, or take back a turn');
  const window = view.accounting?.window;
  const fill =
    window === undefined
      ? null
      : window.full
        ? 'ctx FULL: /compact or /rewind'
        : `ctx ${Math.round((100 * window.used) / window.size)}% ${thousands(window.used)}/${thousands(window.size)}`;
  const isBusy = view.phase === 'busy' || view.phase === 'aborting';
  const processes = runningOf(view).length + view.terminals.length;
  const sandbox = view.configured?.sandbox.sandbox
    .replace('workspace-write', 'ws-write')
    .replace(' · network ', ' net:');
  const partsIn = (where: string | null): string =>
    [
      isBusy ? `${stateWord(view)} ${Math.floor((now - (view.abortingSince ?? view.since)) / 1000)}s` : stateWord(view),
      fill,
      config.model,
      where,
      sandbox ?? null,
      `ask: ${config.approval}`,
      view.queued.length > 0 ? `q${view.queued.length}` : null,
      processes > 0 ? `proc${processes}` : null,
    ]
      .filter((part) => part !== null)
      .join(' · ');
  // Where one is, one knows best: on a narrow screen that gives way first.
  const [, name = place] = /([^/]+)$/.exec(place) ?? [];
  const line = [place, name, null].map(partsIn).find((text) => widthOf(text) <= columns);
  return paint.dim(fit(line ?? partsIn(null), columns));
};

const editorRows = ({ composer: { editor }, columns, paint }: LiveInput, prompt: string, height: number): Live => {
  const room = Math.max(4, columns - 3);
  const rows: string[] = [];
  let cursor: Cursor = { row: 0, column: 0 };
  let at = 0;
  for (const line of editor.text.split('\n')) {
    // Broken by columns, not at words: the cursor must be where the text is.
    let rest = line;
    let start = at;
    do {
      let cut = rest;
      while (widthOf(cut) > room) cut = cut.slice(0, Math.min(cut.length - 1, Math.max(1, room)));
      const isLast = cut.length === rest.length;
      if (
        editor.cursor >= start &&
        (editor.cursor < start + cut.length || (isLast && editor.cursor === start + cut.length))
      )
        cursor = { row: rows.length, column: 2 + widthOf(strip(cut.slice(0, editor.cursor - start))) };
      rows.push(strip(cut));
      start += cut.length;
      rest = rest.slice(cut.length);
    } while (rest !== '');
    at += line.length + 1;
  }
  const first = Math.max(0, Math.min(cursor.row - height + 1, rows.length - height));
  const shown = rows.slice(first, first + height);
  return {
    rows: shown.map((row, i) => `${i === 0 && first === 0 ? paint.cyan(prompt) : ' '} ${row}`),
    cursor: { row: cursor.row - first, column: cursor.column },
  };
};

const popupRows = ({ composer, columns, paint, refusal }: LiveInput): readonly string[] => {
  const names = popupOf(composer);
  const first = Math.max(0, Math.min(composer.chosen - POPUP_ROWS + 1, names.length - POPUP_ROWS));
  return names.slice(first, first + POPUP_ROWS).map((name, i) => {
    const why = refusal(name);
    const text = fit(`  /${name.padEnd(12)} ${why === null ? SLASH[name].summary : `not now: ${why}`}`, columns);
    return first + i === composer.chosen ? paint.cyan(text) : paint.dim(text);
  });
};

const workRows = ({ view, columns, now, paint }: LiveInput): readonly string[] => {
  const frame = FRAMES[Math.floor(now / FRAME_MS) % FRAMES.length] ?? '';
  const { speech } = view;
  // Of a line without an end, the end is what is being read.
  const line = speech.open.length > OPEN_CHARS ? `…${speech.open.slice(-OPEN_CHARS)}` : speech.open;
  const growing = line === '' ? speech.table : [...speech.table, line];
  const open = growing.flatMap((text, i) =>
    wrap(`${speech.hasLines || i > 0 ? ' ' : '•'} ${styleLine(strip(text), speech.fence, paint)}`, columns),
  );
  const running = runningOf(view);
  const calls = running.slice(0, SHOWN_CALLS).flatMap((call) => [
    fit(`${paint.cyan(frame)} ${paint.bold(titleOf(call.view))}  ${paint.dim(seconds(now - call.since))}`, columns),
    ...(call.tail === ''
      ? []
      : tail(call.tail, TAIL_LINES)
          .split('\n')
          .map((line) => paint.dim(fit(`  ${line}`, columns)))),
  ]);
  const more = running.length > SHOWN_CALLS ? [paint.dim(`  and ${running.length - SHOWN_CALLS} more`)] : [];
  const isSilent = view.phase === 'busy' && open.length === 0 && running.length === 0 && view.pending.length === 0;
  const waiting = isSilent
    ? [
        `${paint.cyan(frame)} ${paint.dim(view.retry === null ? `${stateWord(view)} · Esc interrupts` : oneLine(view.retry))}`,
      ]
    : [];
  const aborting =
    view.phase === 'aborting' ? [`${paint.yellow(frame)} ${paint.yellow('aborting: everything is being ended')}`] : [];
  return [...open, ...calls, ...more, ...waiting, ...aborting];
};

const layOut = (input: LiveInput): Live => {
  const { view, composer, columns, rows, now, paint } = input;
  const height = Math.max(3, Math.min(rows - 2, MAX_ROWS));
  const pending = view.pending[0];
  const status = statusLine(input);
  const queued = view.queued.map(({ text }) => paint.dim(fit(`  » next turn: ${oneLine(text)}`, columns)));

  if (pending !== undefined && !composer.isDenying) {
    const question = drawQuestion(pending, { index: 1, of: view.pending.length, now }, paint).flatMap((line) =>
      wrap(line, columns, LABEL_COLUMNS),
    );
    const room = height - 1;
    // The answer line must be seen, whatever else does not fit.
    const shown =
      question.length <= room
        ? question
        : [...question.slice(0, room - 6), paint.dim('  … (^O shows all)'), ...question.slice(-5)];
    return { rows: [...shown.slice(0, room), status], cursor: { row: Math.min(shown.length, room), column: 0 } };
  }
  const prompt = composer.isDenying
    ? 'no, because'
    : composer.search === null
      ? '›'
      : `search “${strip(composer.search.query)}”`;
  const editor = editorRows(input, prompt, Math.max(1, Math.min(EDITOR_ROWS, height - 2)));
  const popup = popupRows(input).slice(0, Math.max(0, height - editor.rows.length - 2));
  const below = [...popup, status];
  const room = Math.max(0, height - editor.rows.length - below.length - 1);
  const above = room === 0 ? [] : [...workRows(input), ...queued].slice(-room);
  const gap = above.length > 0 ? [...above, ''] : [''];
  const shift = widthOf(prompt) - 1;
  return {
    rows: [...gap, ...editor.rows, ...below],
    cursor: {
      row: gap.length + editor.cursor.row,
      column: editor.cursor.column + (editor.cursor.row === 0 ? shift : 0),
    },
  };
};

/** Never wider than the screen, whatever the parts made of it. */
export const drawLive = (input: LiveInput): Live => {
  const { rows, cursor } = layOut(input);
  const last = Math.max(0, input.columns - 1);
  return {
    rows: rows.map((row) => fit(row, input.columns)),
    cursor: { row: cursor.row, column: Math.min(cursor.column, last) },
  };
};
