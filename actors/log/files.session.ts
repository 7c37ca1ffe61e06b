/** One session of a log in files: where its lines begin, and what waits for it. All of it is found again in its files. */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { parseLine } from '../journal/line.ts';
import type { Lock } from '../journal/lock.ts';
import type { Line, Message, NewSession } from './port.ts';

export interface Held {
  readonly owner: string;
  readonly lock: Lock;
  readonly fd: number;
}

export interface KeptSession extends NewSession {
  readonly file: string;
  readonly keys: Set<string>;
  waiting: readonly Message[];
  lastPosition: number;
  /** Byte at which each line begins, and the one behind the last line. */
  starts: number[];
  /** Its last turn began and did not end: whoever ran it is lost. */
  isLost: boolean;
  held: Held | null;
}
export type Place = NewSession & { readonly file: string };

const NEWLINE = 0x0a;
const TURN = /"type":"turn\.(started|completed|failed|aborted)"/;

const bytesOf = (file: string): Buffer => (existsSync(file) ? readFileSync(file) : Buffer.alloc(0));

export const startsIn = (bytes: Buffer): number[] => {
  const starts = [0];
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) starts.push(at + 1);
  return starts;
};
export const startsOf = (file: string): number[] => startsIn(bytesOf(file));

/** The id of the op that this line says was heard. */
const opIn = (line: string): string | null => {
  if (!line.includes('"kind":"input"') || !line.includes('"type":"op.')) return null;
  const parsed = parseLine(line);
  const event = parsed.kind === 'record' ? parsed.value['event'] : null;
  return typeof event === 'object' && event !== null && 'id' in event ? String(event.id) : null;
};

const messageIn = (line: string): readonly Message[] => {
  try {
    return [JSON.parse(line) as Message];
  } catch {
    return []; // the last words of a process that was lost while it wrote; nobody was told that they are there
  }
};

export const keptSession = (place: Place, inbox: string): KeptSession => {
  const messages = bytesOf(inbox).toString('utf8').split('\n').flatMap(messageIn);
  const bytes = bytesOf(place.file);
  const lines = bytes.toString('utf8').split('\n');
  const heard = new Set(lines.flatMap((line) => opIn(line) ?? []));
  const turn = lines.findLast((line) => line.includes('"kind":"fact"') && TURN.test(line)) ?? '';
  return {
    ...place,
    keys: new Set(messages.map(({ key }) => key)),
    waiting: messages.filter(({ key }) => !heard.has(key)),
    lastPosition: messages.at(-1)?.position ?? 0,
    starts: startsIn(bytes),
    isLost: TURN.exec(turn)?.[1] === 'started',
    held: null,
  };
};

export const headOf = ({ starts }: Pick<KeptSession, 'starts'>): number => starts.length - 2;

export const linesOf = (
  { file, starts }: Pick<KeptSession, 'file' | 'starts'>,
  from: number,
  limit: number,
): Line[] => {
  const last = Math.min(from + limit, starts.length - 1);
  const [begin, end] = [starts[from], starts[last]];
  if (begin === undefined || end === undefined || end <= begin) return [];
  const bytes = Buffer.alloc(end - begin);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, bytes, 0, bytes.length, begin);
  } finally {
    closeSync(fd);
  }
  return starts.slice(from, last).map((start, at) => ({
    position: from + at,
    text: bytes.toString('utf8', start - begin, (starts[from + at + 1] ?? end) - begin - 1),
  }));
};
