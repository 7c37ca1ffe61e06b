/**
 * Was it the sandbox that said no? A read-only mount answers EROFS where a file mode answers EACCES, so most of it can
 * be told apart: what the command's own world could have said is not taken for a denial.
 */
import type { Denial, ExecEnding, Spawn } from '../plan.ts';
import { isWithin } from '../paths.ts';

const EROFS = /(?:\bEROFS\b|\bread-only file system\b|\bos error 30\b|\bErrno 30\b)/i;
/** Someone quotes the words: a search result, a string in code, a test that expects them. */
const QUOTED =
  /["'`](?:[^"'`]*\s)?(?:read-only file system|EROFS)(?:\s[^"'`]*)?["'`]|\b(?:expect|assert|grep|describe|it)\b.*(?:read-only|EROFS)/i;
const EACCES = /\bEACCES\b|\bpermission denied\b|\bErrno 13\b/i;
const UNREACHABLE =
  /could not resolve (?:host|proxy)|temporary failure in name resolution|name or service not known|\bEAI_AGAIN\b|getaddrinfo ENOTFOUND|network is unreachable|\bENETUNREACH\b|failed to lookup address|dial tcp: lookup|unable to resolve host|no address associated with hostname|temporary failure resolving|lookup .* on .*: (?:dial|read) udp/i;
const NOT_PERMITTED = /\boperation not permitted\b|\bEPERM\b|\bErrno 1\b/i;
const AF_UNSUPPORTED = /address family not supported|\bEAFNOSUPPORT\b/i;
/** Calls that the filter refuses, as programs name them next to the error. */
const CALLS =
  /\b(?:ptrace|PTRACE_\w+|mount|umount2?|unshare|clone|setns|pivot_root|chroot|keyctl|add_key|request_key|bpf|perf_event_open|userfaultfd|process_vm_(?:readv|writev)|socket|listen|bind|socketpair|AF_UNIX|personality|settimeofday|clock_settime|sethostname|syslog|kexec\w*|init_module|finit_module|reboot|swapon|swapoff|TIOCSTI)\b/;
const PATH = /(?:^|[\s'"`(=:])(\/[^\s'"`:,)]+)/;
const QUOTED_PATH = /['"‘`]([^'"’`]+)['"’`]/;

/** Lines that are read: the end names the failure, and a long log is not searched. */
const LAST_LINES = 400;

interface Confinement {
  readonly hidden: readonly string[];
  readonly hasNetwork: boolean;
}

/** What the sandbox was, read back from the arguments that made it. */
const confinementOf = ({ inherited }: Spawn): Confinement => {
  const packed = inherited.find((part) => 'bytes' in part && part.encoding === 'utf8');
  const args = packed && 'bytes' in packed ? packed.bytes.split('\0') : [];
  const hidden = args.flatMap((arg, at) => {
    if (arg === '--perms' && args[at + 1] === '0000') return args[at + 5] ?? [];
    return arg === '--ro-bind' && args[at + 1] === '/dev/null' ? (args[at + 2] ?? []) : [];
  });
  return { hidden, hasNetwork: !args.includes('--unshare-net') };
};

const pathsIn = (line: string): readonly string[] => {
  const path = PATH.exec(line)?.[1] ?? QUOTED_PATH.exec(line)?.[1];
  return path === undefined ? [] : [path];
};

const isBelow = (line: string, folders: readonly string[]): boolean =>
  folders.some((folder) => line.includes(folder) || pathsIn(line).some((path) => isWithin(path, folder)));

type Rule = (line: string, around: string, confinement: Confinement) => Pick<Denial, 'what' | 'certainty'> | null;

/** First that fits; the most certain first. */
const RULES: readonly Rule[] = [
  (line) => (EROFS.test(line) && !QUOTED.test(line) ? { what: 'filesystem', certainty: 'certain' } : null),
  (line, _, { hidden }) =>
    EACCES.test(line) && isBelow(line, hidden) ? { what: 'filesystem', certainty: 'likely' } : null,
  (line, _, { hasNetwork }) =>
    !hasNetwork && UNREACHABLE.test(line) ? { what: 'network', certainty: 'likely' } : null,
  (line, around) => (NOT_PERMITTED.test(line) && CALLS.test(around) ? { what: 'kernel', certainty: 'likely' } : null),
  (line, around) => (AF_UNSUPPORTED.test(line) && CALLS.test(around) ? { what: 'kernel', certainty: 'likely' } : null),
];

const wasKilledByFilter = (ending: ExecEnding): boolean =>
  (ending.kind === 'signalled' && ending.signal === 'SIGSYS') || (ending.kind === 'exited' && ending.code === 128 + 31);

const mayBeDenied = (ending: ExecEnding): boolean =>
  (ending.kind === 'exited' && ending.code !== 0) || ending.kind === 'signalled';

export const denialOf = (ending: ExecEnding, output: string, spawn: Spawn): Denial | null => {
  if (wasKilledByFilter(ending)) return { what: 'kernel', certainty: 'certain', evidence: 'SIGSYS', paths: [] };
  if (!mayBeDenied(ending)) return null;
  const confinement = confinementOf(spawn);
  const lines = output.split('\n').slice(-LAST_LINES);
  for (const rule of RULES) {
    for (const [index, line] of lines.entries()) {
      // A traceback names the call a few lines above the error.
      const around = lines.slice(Math.max(0, index - 4), index + 1).join('\n');
      const found = rule(line, around, confinement);
      if (found) return { ...found, evidence: line.trim(), paths: pathsIn(line) };
    }
  }
  return null;
};
