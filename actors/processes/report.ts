/** What the model reads of a command: how it went, and the two ends of what it said, in a size that it can carry. */
import { MODEL_OUTPUT_BYTES } from '../../machines/limits.ts';
import type { Denial, ExecEnding, ExecResult } from '../../sandbox/plan.ts';
import { codeOfSignal } from './ending.ts';
import { danglingBytes, orphanBytes } from './kept.ts';

/** Room for the words around the output. Bytes. */
const FRAME_BYTES = 1024;
/** Reasons and evidence are somebody else's words, and may be long. Characters. */
const QUOTE_CHARS = 400;

const quote = (words: string) => (words.length > QUOTE_CHARS ? `${words.slice(0, QUOTE_CHARS)}…` : words);
const linesIn = (text: Uint8Array): number => {
  let count = 0;
  for (const byte of text) if (byte === 10) count++;
  return count;
};

/** Ends on a line if that costs at most half of it. */
const firstPart = (bytes: Buffer, size: number): Buffer => {
  const part = bytes.subarray(0, size);
  const line = part.lastIndexOf(10) + 1;
  return line > size / 2 ? part.subarray(0, line) : part.subarray(0, size - danglingBytes(part));
};
const lastPart = (bytes: Buffer, size: number): Buffer => {
  const part = bytes.subarray(-size);
  const line = part.indexOf(10) + 1;
  return line > 0 && line < size / 2 ? part.subarray(line) : part.subarray(orphanBytes(part));
};

const excerpt = (result: ExecResult, totalBytes: number, lines: number, maxBytes: number): string => {
  const bytes = Buffer.from(result.output);
  const room = Math.max(FRAME_BYTES, maxBytes) - FRAME_BYTES;
  if (bytes.length <= room) return result.output;
  const [head, tail] = [firstPart(bytes, room >> 1), lastPart(bytes, room >> 1)];
  const hidden = Math.max(0, lines - linesIn(head) - linesIn(tail));
  const where = result.spill === undefined ? '' : `; all of it is in ${result.spill}`;
  const marker = `[... omitted ${hidden} of ${lines} lines, ${totalBytes - head.length - tail.length} bytes${where} ...]`;
  return `${head.toString()}${head.at(-1) === 10 ? '' : '\n'}${marker}\n${tail.toString()}`;
};

export const codeOf = (ending: ExecEnding): number | null => {
  if (ending.kind === 'exited') return ending.code;
  if (ending.kind === 'signalled') return codeOfSignal(ending.signal);
  if (ending.kind === 'timedOut') return 124; // as timeout(1) says it
  return ending.kind === 'cancelled' && ending.signal !== null ? codeOfSignal(ending.signal) : null;
};

/** What stands before the output, where the code alone does not tell. */
export const prefixOf = (ending: ExecEnding): string => {
  if (ending.kind === 'timedOut') return `command timed out after ${ending.afterMs} milliseconds\n`;
  if (ending.kind === 'signalled') return `command was killed by ${ending.signal}\n`;
  if (ending.kind === 'cancelled') return 'command was stopped before it ended\n';
  return '';
};

const ofDenial = ({ what, certainty, evidence, paths }: Denial): string => {
  const where = paths.length > 0 ? ` (${quote(paths.join(', '))})` : '';
  return `Sandbox: ${certainty === 'certain' ? 'denied' : 'probably denied'} by the ${what} policy${where}: ${quote(evidence)}`;
};

/** `totalBytes` and `lines`: of all that was said, not only of what was kept. */
export const reportFor = (
  result: ExecResult,
  totalBytes: number,
  lines: number,
  maxBytes = MODEL_OUTPUT_BYTES,
): string => {
  const { ending, durationMs, denial } = result;
  if (ending.kind === 'unstarted') return `execution error: ${quote(ending.reason)}`;
  if (ending.kind === 'setupFailed')
    return `The sandbox could not be set up, so the command did not run: ${quote(ending.reason)}`;
  if (ending.kind === 'cancelled' && result.pid === null) return 'command was stopped before it began';
  const text = excerpt(result, totalBytes, lines, maxBytes);
  const code = codeOf(ending);
  return [
    ...(code === null ? [] : [`Exit code: ${code}`]),
    `Wall time: ${(durationMs / 1000).toFixed(1)} seconds`,
    ...(text === result.output ? [] : [`Total output lines: ${lines}`]),
    ...(denial === null ? [] : [ofDenial(denial)]),
    'Output:',
    `${prefixOf(ending)}${text}`,
  ].join('\n');
};
