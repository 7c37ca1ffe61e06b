/**
 * The filter of a command that Landlock confines. It lives among our own processes, with our network and our file system:
 * what namespaces and read-only mounts hold elsewhere has to be refused here. Data.
 */
import type { Table } from './seccomp.ts';
import {
  ABSENT,
  AF_INET,
  AF_INET6,
  ENETUNREACH,
  EPERM,
  EROFS,
  FORBIDDEN,
  judged,
  type Arch,
  type CallName,
  type Judged,
} from './seccomp.table.ts';

/** Landlock asks nobody about these; under a read-only policy they are answered as a read-only disk would. */
const METADATA: readonly CallName[] = [
  ...(['chmod', 'fchmod', 'fchmodat', 'fchmodat2', 'chown', 'fchown', 'lchown', 'fchownat'] as const),
  ...(['utime', 'utimes', 'futimesat', 'utimensat', 'file_setattr'] as const),
  ...(['setxattr', 'lsetxattr', 'fsetxattr', 'setxattrat'] as const),
  ...(['removexattr', 'lremovexattr', 'fremovexattr', 'removexattrat'] as const),
];

/** Shared with every process of the user where there is no namespace for it. */
const SHARED: readonly CallName[] = ['shmget', 'shmat', 'shmctl', 'semget', 'msgget', 'mq_open'];

/** FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FS_IOC_ENABLE_VERITY: they need no file that is open for writing. */
const ATTRIBUTE_REQUESTS = [0x40086602, 0x401c5820, 0x40806685];

/** The first argument names a process: only the caller itself, as 0. */
const OF_OTHERS: readonly CallName[] = [
  'prlimit64',
  'sched_setaffinity',
  'sched_setscheduler',
  'sched_setparam',
  'sched_setattr',
];
/** These name one by a kind and a number; other kinds are groups and users. */
const BY_KIND: readonly (readonly [call: CallName, kinds: readonly number[]])[] = [
  ['setpriority', [1, 2]],
  ['ioprio_set', [2, 3]],
];

const refused = (call: CallName, errno: number): Judged => ({ call, arg: 0, test: { onlyIn: [] }, errno });

export const tableForLandlock = ({ arch, network }: { readonly arch: Arch; readonly network: 'off' | 'on' }): Table => {
  const replaced: ReadonlySet<CallName> = new Set(METADATA);
  const kept = judged({ arch, unixSockets: false }).filter(({ call }) => !replaced.has(call));
  return {
    absent: ABSENT,
    forbidden: [...FORBIDDEN, ...SHARED],
    judged: [
      // A socket cannot be told where it may lead, so there is none: in the words of a network that leads nowhere.
      ...(network === 'on'
        ? []
        : [{ call: 'socket', arg: 0, test: { notIn: [AF_INET, AF_INET6] }, errno: ENETUNREACH } as const]),
      ...kept,
      ...METADATA.map((call) => refused(call, EROFS)),
      { call: 'ioctl', arg: 1, test: { notIn: ATTRIBUTE_REQUESTS }, errno: EROFS },
      ...OF_OTHERS.map((call): Judged => ({ call, arg: 0, test: { onlyIn: [0] }, errno: EPERM })),
      ...BY_KIND.flatMap(([call, kinds]): readonly Judged[] => [
        { call, arg: 0, test: { notIn: kinds }, errno: EPERM },
        { call, arg: 1, test: { onlyIn: [0] }, errno: EPERM },
      ]),
    ],
  };
};
