/** Parts of the sandbox whose absence no attempt notices, since something else stands before or behind them. */

const because = (why: string, ...names: readonly string[]): readonly (readonly [string, string])[] =>
  names.map((name) => [name, why] as const);
const filter = (why: string, ...calls: readonly string[]): readonly (readonly [string, string])[] =>
  because(why, ...calls.map((call) => `filter: ${call}`));

export const SECOND_LINES: Readonly<Record<string, string>> = Object.fromEntries([
  ...because('the suite has no terminal, and the filter refuses TIOCSTI', '--new-session'),
  ...because('parent.test.ts kills the parent', '--die-with-parent'),
  ...because('the filter refuses every way to a user namespace', '--disable-userns'),
  ...because('without a folder of its own /dev/shm is read-only with /dev', 'the limit of /dev/shm'),
  ...because('what is put into the cover ends with the command', '--remount-ro of what must not be made'),
  ...because('the cover is an empty folder: there is nothing in it to find', '--remount-ro of hidden folders'),
  ...filter(
    'where the kernel has no 32-bit gate or no x32, there is nothing to refuse',
    'the test of the architecture',
    'the numbers of x32',
  ),
  ...filter('useless without a ring, which io_uring_setup refuses', 'io_uring_enter', 'io_uring_register'),
  ...filter(
    'there are no user namespaces (--disable-userns), and no capability for the others',
    'clone by argument 0 (0)',
    'unshare by argument 0 (1)',
  ),
  ...filter(
    'needs a capability, and there is none (--cap-drop ALL)',
    ...['open_tree', 'move_mount', 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'mount_setattr', 'open_tree_attr'],
    ...['mount', 'umount2', 'pivot_root', 'chroot', 'setns', 'open_by_handle_at', 'fanotify_init', 'process_madvise'],
    ...[
      'kexec_file_load',
      'init_module',
      'finit_module',
      'delete_module',
      'swapon',
      'swapoff',
      'reboot',
      'acct',
      'syslog',
    ],
    ...['quotactl_fd', 'settimeofday', 'clock_settime', 'sethostname', 'setdomainname', 'vhangup', 'iopl', 'ioperm'],
  ),
  ...filter(
    'a setting of this kernel may refuse it as well',
    'bpf',
    'perf_event_open',
    'add_key',
    'request_key',
    'keyctl',
  ),
  ...filter('no other family has pairs on this kernel', 'socketpair by argument 0 (10)'),
]);
