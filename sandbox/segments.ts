/** Splits what a tool wants to start into the simple commands it is made of. */
import type { Command } from './plan.ts';
import { parseScript, type Segment } from './words.ts';

/** `words`: every simple command is known. `opaque`: a script that we do not fully understand. */
export type Reading =
  | { readonly kind: 'words'; readonly segments: readonly Segment[] }
  | { readonly kind: 'opaque'; readonly script: string };

const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh']);
const SCRIPT_FLAGS: ReadonlySet<string> = new Set(['-c', '-lc', '-cl']);
/** Folders only root can write. A shell from elsewhere is some program that calls itself one. */
const SYSTEM_FOLDERS = /^(\/usr(\/local)?)?\/bin\/|^\/run\/current-system\/sw\/bin\//;

const isShell = (file: string, userShell: string): boolean =>
  SHELLS.has(file) ||
  (SHELLS.has(file.slice(file.lastIndexOf('/') + 1)) && (file === userShell || SYSTEM_FOLDERS.test(file)));

export const read = ({ argv }: Pick<Command, 'argv'>, userShell = '/bin/sh'): Reading => {
  const [file, flag, script] = argv;
  if (!isShell(file, userShell) || flag === undefined || !SCRIPT_FLAGS.has(flag)) {
    return { kind: 'words', segments: [argv] };
  }
  // More arguments become $0, $1 …: they mean nothing to a plain script, but then it is no longer a usual call.
  if (argv.length !== 3 || script === undefined) return { kind: 'opaque', script: argv.slice(2).join(' ') };
  const segments = parseScript(script);
  return segments ? { kind: 'words', segments } : { kind: 'opaque', script };
};

/**
 * Every place in an opaque script at which a command could begin, read generously. Good enough to find what somebody
 * must be asked about, never good enough to allow anything.
 */
export const suspects = (script: string): readonly Segment[] => {
  const words = script.split(/[\s;&|(){}<>`"'$\\]+/).filter((word) => word !== '');
  return words.slice(0, MAX_SUSPECTS).flatMap((word, index) => [[word, ...words.slice(index + 1, index + 8)] as const]);
};

/** Words of an opaque script that are looked at. */
const MAX_SUSPECTS = 2_000;
