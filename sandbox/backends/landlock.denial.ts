/**
 * Was it Landlock that said no? It answers EACCES, as a file mode does. So the path is asked about outside: what we could
 * have written ourselves was denied to the command by the sandbox. Without that, only hidden paths count.
 */
import { isWithin } from '../paths.ts';
import type { Denial, ExecEnding, Outside, Spawn } from '../plan.ts';
import { candidatesIn, EACCES, noNetwork, read, readOnlyDisk, refusedCall, type Rule } from './denial.ts';
import { unpack } from './packed.ts';

/** A shell could not run what it found: that is about the mode of the file. */
const NOT_EXECUTABLE = 126;

const FOREIGN_PROCESS = /\bkill\b.*\boperation not permitted\b/i;

const rulesFor = (ending: ExecEnding, { inherited }: Spawn, outside: Outside | undefined): readonly Rule[] => {
  const packed = inherited.find((part) => 'bytes' in part && part.encoding === 'utf8');
  const words = packed && 'bytes' in packed ? unpack(packed.bytes) : [];
  const valuesOf = (name: string): readonly string[] =>
    words.flatMap((word, at) => (word === name ? (words[at + 1] ?? []) : []));
  const cwd = valuesOf('--chdir').at(-1) ?? '/';
  const [hidden, kept] = [valuesOf('--hide'), [...valuesOf('--keep'), ...valuesOf('--scratch')]];
  const isHidden = (path: string): boolean => {
    const hide = hidden.findLast((one) => isWithin(path, one));
    return hide !== undefined && !kept.some((one) => isWithin(path, one) && isWithin(one, hide));
  };
  const isDenied = (path: string): boolean =>
    (isHidden(path) && outside?.exists(path) !== false) ||
    (outside?.mayWrite(path) === true && !(ending.kind === 'exited' && ending.code === NOT_EXECUTABLE));
  return [
    readOnlyDisk,
    (line) =>
      EACCES.test(line) && candidatesIn(line, cwd).some(isDenied) ? { what: 'filesystem', certainty: 'likely' } : null,
    (line, around) => (valuesOf('--network')[0] === 'on' ? null : noNetwork(line, around)),
    refusedCall,
    (line) => (FOREIGN_PROCESS.test(line) ? { what: 'kernel', certainty: 'likely' } : null),
  ];
};

export const landlockDenialOf = (ending: ExecEnding, output: string, spawn: Spawn, outside?: Outside): Denial | null =>
  read(ending, output, () => rulesFor(ending, spawn, outside));
