/** Which system calls a command may not make, and what it is told. Data; `seccomp.ts` turns it into a program. */

/** What a filtered call returns. Numbers as Linux has them on every architecture we know. */
export const EPERM = 1;
export const EROFS = 30;
export const ENOSYS = 38;
export const EAFNOSUPPORT = 97;
export const ENETUNREACH = 101;

export type Arch = 'x64' | 'arm64';

export const isArch = (arch: string): arch is Arch => arch === 'x64' || arch === 'arm64';

/** `AUDIT_ARCH_*` of the kernel. */
export const AUDIT_ARCH: Readonly<Record<Arch, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** System call numbers: `[x64, arm64]`; null where the architecture has no such call. */
export const NUMBERS = {
  // Into other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  // Keyrings are not per namespace.
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  // Mounts and namespaces: the sandbox is made of them.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  setns: [308, 268],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
  // Large and often broken parts of the kernel.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  modify_ldt: [154, null],
  // The machine itself.
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  swapon: [167, 224],
  swapoff: [168, 225],
  reboot: [169, 142],
  acct: [163, 89],
  syslog: [103, 116],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  vhangup: [153, 58],
  iopl: [172, null],
  ioperm: [173, null],
  // Looked at by argument.
  clone: [56, 220],
  clone3: [435, 435],
  unshare: [272, 97],
  ioctl: [16, 29],
  personality: [135, 92],
  socket: [41, 198],
  socketpair: [53, 199],
  chmod: [90, null],
  fchmod: [91, 52],
  fchmodat: [268, 53],
  fchmodat2: [452, 452],
  // What Landlock leaves open: a file's owner, times and attributes, memory that is shared by name, and how others run.
  chown: [92, null],
  fchown: [93, 55],
  lchown: [94, null],
  fchownat: [260, 54],
  utime: [132, null],
  utimes: [235, null],
  futimesat: [261, null],
  utimensat: [280, 88],
  setxattr: [188, 5],
  lsetxattr: [189, 6],
  fsetxattr: [190, 7],
  setxattrat: [463, 463],
  removexattr: [197, 14],
  lremovexattr: [198, 15],
  fremovexattr: [199, 16],
  removexattrat: [466, 466],
  file_setattr: [469, 469],
  shmget: [29, 194],
  shmat: [30, 196],
  shmctl: [31, 195],
  semget: [64, 190],
  msgget: [68, 186],
  mq_open: [240, 180],
  prlimit64: [302, 261],
  setpriority: [141, 140],
  ioprio_set: [251, 30],
  sched_setaffinity: [203, 122],
  sched_setscheduler: [144, 119],
  sched_setparam: [142, 118],
  sched_setattr: [314, 274],
} as const satisfies Readonly<Record<string, readonly [number, number | null]>>;
export type CallName = keyof typeof NUMBERS;

export const numberOf = (name: CallName, arch: Arch): number | null => NUMBERS[name][arch === 'x64' ? 0 : 1];

/** Denied whatever the arguments are. */
export const FORBIDDEN: readonly CallName[] = [
  ...(['ptrace', 'process_vm_readv', 'process_vm_writev', 'process_madvise', 'pidfd_getfd', 'kcmp'] as const),
  ...(['add_key', 'request_key', 'keyctl'] as const),
  ...(['mount', 'umount2', 'pivot_root', 'chroot', 'setns'] as const),
  ...(['name_to_handle_at', 'open_by_handle_at', 'fanotify_init', 'bpf', 'perf_event_open', 'userfaultfd'] as const),
  ...(['modify_ldt', 'kexec_load', 'kexec_file_load', 'init_module', 'finit_module', 'delete_module'] as const),
  ...(['swapon', 'swapoff', 'reboot', 'acct', 'syslog', 'quotactl', 'quotactl_fd', 'settimeofday'] as const),
  ...([
    'clock_settime',
    'clock_adjtime',
    'adjtimex',
    'sethostname',
    'setdomainname',
    'vhangup',
    'iopl',
    'ioperm',
  ] as const),
];

/** Said not to exist. C libraries then take the older call, whose arguments a filter can read. */
export const ABSENT: readonly CallName[] = [
  ...(['clone3', 'io_uring_setup', 'io_uring_enter', 'io_uring_register'] as const),
  ...([
    'open_tree',
    'move_mount',
    'fsopen',
    'fsconfig',
    'fsmount',
    'fspick',
    'mount_setattr',
    'open_tree_attr',
  ] as const),
];

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NEW_NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000;
/** For `clone` this bit belongs to the signal number. */
const CLONE_NEWTIME = 0x80;

const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
const AF_NETLINK = 16;

const S_ISUID = 0o4000;

/** PER_LINUX, ADDR_NO_RANDOMIZE, PER_LINUX32, UNAME26, both of these, and the question which one it is. */
const PERSONALITIES = [0x0, 0x40000, 0x8, 0x20000, 0x20008, 0xffffffff];

/**
 * Calls that are judged by the low 32 bits of one argument; for each of these the kernel reads no more than that.
 * `noneOf`: any of the bits denies. `notIn`: these values are denied. `onlyIn`: all other values are.
 */
export interface Judged {
  readonly call: CallName;
  readonly arg: number;
  readonly test:
    { readonly noneOf: number } | { readonly notIn: readonly number[] } | { readonly onlyIn: readonly number[] };
  readonly errno: number;
}

export interface FilterOptions {
  readonly arch: Arch;
  /** Sockets with a path or an abstract name. Off, since they lead to daemons that live outside. */
  readonly unixSockets: boolean;
}

export const judged = ({ unixSockets }: FilterOptions): readonly Judged[] => [
  { call: 'clone', arg: 0, test: { noneOf: NEW_NAMESPACES }, errno: EPERM },
  { call: 'unshare', arg: 0, test: { noneOf: NEW_NAMESPACES | CLONE_NEWTIME }, errno: EPERM },
  { call: 'ioctl', arg: 1, test: { notIn: [TIOCSTI, TIOCLINUX] }, errno: EPERM },
  { call: 'personality', arg: 0, test: { onlyIn: PERSONALITIES }, errno: EPERM },
  // A hurdle more than a wall: where we run as root, a program left behind should not run as root for everybody.
  { call: 'chmod', arg: 1, test: { noneOf: S_ISUID }, errno: EPERM },
  { call: 'fchmod', arg: 1, test: { noneOf: S_ISUID }, errno: EPERM },
  { call: 'fchmodat', arg: 2, test: { noneOf: S_ISUID }, errno: EPERM },
  { call: 'fchmodat2', arg: 2, test: { noneOf: S_ISUID }, errno: EPERM },
  ...(unixSockets ? [] : [{ call: 'socket', arg: 0, test: { notIn: [AF_UNIX] }, errno: EPERM } as const]),
  // The internet families are left to the network namespace: without one of its own, nothing is out there to reach.
  { call: 'socket', arg: 0, test: { onlyIn: [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] }, errno: EAFNOSUPPORT },
  { call: 'socketpair', arg: 0, test: { onlyIn: [AF_UNIX] }, errno: EAFNOSUPPORT },
];
