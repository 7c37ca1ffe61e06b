/** What only a sandbox without namespaces has to fear, and what it does not hold. docs/sandbox.md says the same. */
import { scripts, type Group } from '../attempt.ts';

/** A raw call that must fail with this error, and not with another: the sandbox refused it, and not the arguments. */
const fails = (errno: number, number: number, ...args: readonly string[]): string =>
  `perl -e '$p = $ENV{PARENT} + 0; $v = "$ENV{OUT}/victim"; open(V, "<", $v); print "BREACH $!\\n" if syscall(${[number, ...args].join(', ')}) >= 0 || $! != ${errno}'`;

export const onlyLandlock: Group = {
  name: 'landlock',
  attempts: scripts({
    'signals the parent': fails(1, 62, '$p', '0'),
    'signals a thread of the parent': fails(1, 234, '$p', '$p', '0'),
    'signals the launcher': 'kill -0 $PPID && echo BREACH; true',
    'signals by descriptor':
      "perl -e '$f = syscall(434, $ENV{PARENT} + 0, 0); print qq(BREACH\\n) if $f >= 0 && syscall(424, $f, 0, 0, 0) >= 0'",
    'limits the parent': fails(1, 302, '$p', '7', '0', '0'),
    'slows the parent down': fails(1, 141, '0', '$p', '19'),
    'slows all of the user down': fails(1, 141, '2', '0', '19'),
    'moves the parent to another processor': fails(1, 203, '$p', '8', '"\\1" . "\\0" x 7'),
    'slows the disk of the parent down': fails(1, 251, '1', '$p', '0'),
    'schedules the parent': fails(1, 144, '$p', '5', '"\\0" x 4'),
    'looks into the parent':
      'for f in environ mem maps fd root cwd exe stack syscall; do head -c 1 /proc/$PARENT/$f >/dev/null 2>&1 && echo "BREACH: $f"; done; true',
    'takes memory that is shared by name': fails(1, 29, '1234', '4096', '01777'),
    'takes a queue that is shared by name': fails(1, 240, '"hostile"', '0102', '0600', '0'),
    'changes a mode': fails(30, 90, '$v', '0777'),
    'changes a mode by descriptor': fails(30, 91, 'fileno(V)', '0777'),
    'changes an owner': fails(30, 92, '$v', '-1', '-1'),
    'changes an owner by descriptor': fails(30, 93, 'fileno(V)', '-1', '-1'),
    'changes times': fails(30, 280, '-100', '$v', '0', '0'),
    'sets an attribute': fails(30, 188, '$v', '"user.x"', '"y"', '1', '0'),
    'sets an attribute by descriptor': fails(30, 190, 'fileno(V)', '"user.x"', '"y"', '1', '0'),
    'makes a file immutable': fails(30, 16, 'fileno(V)', '0x40086602', '"\\x10" . "\\0" x 7'),
    'cuts a file': fails(13, 76, '$v', '0'),
    'opens a file and cuts it': fails(13, 257, '-100', '$v', '01000', '0'),
    'has a socket for the internet': fails(101, 41, '2', '1', '0'),
    'has a socket for the other internet': fails(101, 41, '10', '2', '0'),
    'reads a disk':
      'for d in /dev/sd? /dev/vd? /dev/nvme*n1 /dev/loop0 /dev/mem; do [ -e $d ] && head -c 1 $d >/dev/null 2>&1 && echo "BREACH: $d"; done; true',
    'writes memory of the kernel':
      'for f in /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /sys/kernel/uevent_helper; do [ -e $f ] && (: >> $f) 2>/dev/null && echo "BREACH: $f"; done; true',
    'reads scratch space of others':
      'ls $BASE/../*/secret 2>/dev/null; cat /tmp/*/secret 2>/dev/null | grep CANARY; true',
    'leaves the scratch folder':
      'cd $TMPDIR && echo x > ../new; ln -s $OUT l; echo x > l/new; mv $TMPDIR/l $OUT/l; rm -f l; true',
    'fills the scratch folder by a device':
      'mknod $TMPDIR/d c 1 3 2>/dev/null && echo BREACH; mknod $TMPDIR/b b 8 0 2>/dev/null && echo BREACH; true',
    'has scratch space all the same':
      'f=$(mktemp) && echo x > $f && mkdir $TMPDIR/d && mv $f $TMPDIR/d/f && rm -r $TMPDIR/d || echo BREACH',
  }),
};

const NO_NAMESPACES = 'there are no namespaces: processes, devices and interfaces of the host have names';
const NAMES = 'names can be listed everywhere, contents cannot be read';

export const NOT_BY_LANDLOCK: Readonly<Record<string, string>> = {
  'shares a namespace with the host': NO_NAMESPACES,
  'sees processes of the host': NO_NAMESPACES,
  'kills processes of the host': 'the attempt is only made in a pid namespace; “signals the parent” is made here',
  'kills everybody it can': 'the attempt is only made in a pid namespace; “signals the parent” is made here',
  'has more than its own loopback': NO_NAMESPACES,
  'finds devices': NO_NAMESPACES,
  'finds sockets of daemons': NAMES,
  'finds agents in /tmp': NAMES,
  'lists the keys': NAMES,
  'reads secrets in /run': NAMES,
  'reads temporary files of the host': NAMES,
  'has capabilities': 'the bounding set of an ordinary user stays; without new privileges it gives nothing',
  'fills the disk behind the scratch space': 'the scratch space is a folder on the disk',
  'uses its own loopback': 'without the network there are no sockets of the internet at all',
  'has exactly its environment': 'TMPDIR names the scratch folder',
};
