/** How a denial is read from what a command printed: rules, tried line by line. What programs say is a sign, not a proof. */
import { isAbsolute, join } from 'node:path';
import type { Denial, ExecEnding } from '../plan.ts';

export const EROFS = /(?:\bEROFS\b|\bread-only file system\b|\bos error 30\b|\bErrno 30\b)/i;
/** Someone quotes the words: a search result, a string in code, a test that expects them. */
export const QUOTED =
  /["'`](?:[^"'`]*\s)?(?:read-only file system|EROFS)(?:\s[^"'`]*)?["'`]|\b(?:expect|assert|grep|describe|it)\b.*(?:read-only|EROFS)/i;
export const EACCES = /\bEACCES\b|\bpermission denied\b|\bos error 13\b|\bErrno 13\b/i;
export const ENOENT = /\bENOENT\b|\bno such file or directory\b|\bos error 2\b|\bErrno 2\b/i;
export const UNREACHABLE =
  /could not resolve (?:host|proxy)|temporary failure in name resolution|name or service not known|\bEAI_AGAIN\b|getaddrinfo ENOTFOUND|network is unreachable|\bENETUNREACH\b|failed to lookup address|dial tcp: lookup|unable to resolve host|no address associated with hostname|temporary failure resolving|lookup .* on .*: (?:dial|read) udp/i;
const NOT_PERMITTED = /\boperation not permitted\b|\bEPERM\b|\bErrno 1\b/i;
const AF_UNSUPPORTED = /address family not supported|\bEAFNOSUPPORT\b/i;
/** Calls that the filter refuses, as programs name them next to the error. */
const CALLS =
  /\b(?:ptrace|PTRACE_\w+|mount|umount2?|unshare|clone|setns|pivot_root|chroot|keyctl|add_key|request_key|bpf|perf_event_open|userfaultfd|process_vm_(?:readv|writev)|socket|listen|bind|socketpair|AF_UNIX|personality|settimeofday|clock_settime|sethostname|syslog|kexec\w*|init_module|finit_module|reboot|swapon|swapoff|TIOCSTI)\b/;
const PATH = /(?<=^|[\s'"`‘(=:])(\/[^\s'"`’:,)]+)/g;
const QUOTED_PATH = /['"‘`]([^'"’`]+)['"’`]/;
/** A shell that speaks of itself, and the word before its message. */
const SHELL = /^\S*(?:sh|bash|zsh|dash): (?:line \d+: )?/;
const SHELL_WORD = /^\S*(?:sh|bash|zsh|dash): (?:line \d+: )?([^:]+): /;

/** Lines that are read: the end names the failure, and a long log is not searched. */
const LAST_LINES = 400;

/** The paths that a line names, as it names them; a single relative one where there is no other. */
export const pathsIn = (line: string): readonly string[] => {
  const rest = line.replace(SHELL, '');
  const absolute = [...rest.matchAll(PATH)].flatMap(([, path]) => path ?? []);
  const named = QUOTED_PATH.exec(rest)?.[1];
  return absolute.length > 0 || named === undefined ? absolute : [named];
};

/** What could be meant, where somebody can be asked whether it exists; a shell does not quote. */
export const candidatesIn = (line: string, cwd: string): readonly string[] => {
  const named = pathsIn(line);
  const all = named.length > 0 ? named : [SHELL_WORD.exec(line)?.[1] ?? []].flat();
  return all.map((path) => (isAbsolute(path) ? join(path) : join(cwd, path)));
};

export type Sign = Pick<Denial, 'what' | 'certainty'>;
/** `around`: the line and a few above it. */
export type Rule = (line: string, around: string) => Sign | null;

const LIKELY_KERNEL: Sign = { what: 'kernel', certainty: 'likely' };

export const readOnlyDisk: Rule = (line) =>
  EROFS.test(line) && !QUOTED.test(line) ? { what: 'filesystem', certainty: 'certain' } : null;
export const noNetwork: Rule = (line) => (UNREACHABLE.test(line) ? { what: 'network', certainty: 'likely' } : null);
export const refusedCall: Rule = (line, around) =>
  (NOT_PERMITTED.test(line) || AF_UNSUPPORTED.test(line)) && CALLS.test(around) ? LIKELY_KERNEL : null;

const wasKilledByFilter = (ending: ExecEnding): boolean =>
  (ending.kind === 'signalled' && ending.signal === 'SIGSYS') || (ending.kind === 'exited' && ending.code === 128 + 31);

const mayBeDenied = (ending: ExecEnding): boolean =>
  (ending.kind === 'exited' && ending.code !== 0) || ending.kind === 'signalled';

/** The first rule that fits a line; the most certain stand first. */
export const read = (ending: ExecEnding, output: string, rules: () => readonly Rule[]): Denial | null => {
  if (wasKilledByFilter(ending)) return { what: 'kernel', certainty: 'certain', evidence: 'SIGSYS', paths: [] };
  if (!mayBeDenied(ending)) return null;
  const lines = output.split('\n').slice(-LAST_LINES);
  for (const rule of rules()) {
    for (const [index, line] of lines.entries()) {
      // A traceback names the call a few lines above the error.
      const around = lines.slice(Math.max(0, index - 4), index + 1).join('\n');
      const sign = rule(line, around);
      if (sign) return { ...sign, evidence: line.trim(), paths: pathsIn(line).slice(0, 1) };
    }
  }
  return null;
};
