/**
 * Our own patch binary: a patch on standard input or as the one argument, applied in the working folder.
 *
 * It is started inside the sandbox with an empty environment, so it imports nothing but the patch code and reads nothing
 * but its input. A polite signal is not obeyed while it writes: the patch is whole before it ends. Exit codes: 0 applied, 1 not applied (nothing was changed), 2 called wrongly.
 */
import { readFileSync, writeSync } from 'node:fs';
import { applyPatch } from '../actors/patch/apply.ts';
import { textOf } from '../actors/patch/disk.ts';
import { onStderr } from '../actors/patch/patch.ts';

export interface Streams {
  readonly readInput: () => Uint8Array;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** The input is complete. From here on, being interrupted would be worse than finishing. */
  readonly persist: () => void;
}

const USAGE = `Usage: apply-patch 'PATCH'
       apply-patch < FILE
`;

/** Where an argument was not UTF-8, Node has put this in its place. */
const REPLACED = '\uFFFD';

/** Returns the exit code. */
export const main = (
  args: readonly string[],
  cwd: string,
  { readInput, print, complain, persist }: Streams,
): number => {
  const fail = (code: 1 | 2, words: string) => {
    complain(words);
    return code;
  };
  const [argument] = args;
  if (args.length > 1) return fail(2, `Error: apply-patch takes exactly one argument.\n${USAGE}`);
  if (argument?.includes(REPLACED))
    return fail(1, 'Error: the patch argument must be UTF-8; give other bytes on standard input.\n');
  const text = argument ?? textOf(readInput());
  if (text === null) return fail(1, 'Error: the patch on standard input is not UTF-8.\n');
  if (text.trim() === '') return fail(2, `Error: there is no patch.\n${USAGE}`);
  persist();
  const applied = applyPatch(text, { cwd });
  if (applied.kind === 'problem') return fail(1, onStderr(applied));
  print(applied.report);
  return 0;
};

const writeAll = (fd: number) => (text: string) => {
  for (let bytes = Buffer.from(text); bytes.length > 0;) bytes = bytes.subarray(writeSync(fd, bytes));
};

if (import.meta.main)
  process.exitCode = main(process.argv.slice(2), process.cwd(), {
    readInput: () => readFileSync(0),
    print: writeAll(1),
    complain: writeAll(2),
    // A handler, though it is never reached before the end, keeps the signal from ending us between two renames.
    persist: () => (['SIGTERM', 'SIGINT', 'SIGHUP'] as const).forEach((signal) => process.on(signal, () => {})),
  });
