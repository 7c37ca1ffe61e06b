/** At the kernel itself: settings, capabilities, namespaces, and calls that a command has no business with. */
import { readlinkSync } from 'node:fs';
import { scripts, type Attempt, type Group } from '../attempt.ts';

const isX64 = (): string | null =>
  process.arch === 'x64' ? null : `system call numbers are those of x64, this is ${process.arch}`;

/** An ELF program of 64 bits whose code asks for its number by the old 32-bit gate, and ends with 42 if it was answered. */
const INT80 = (() => {
  const code = [0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xbf, 42, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05];
  const bytes = new Uint8Array(0x78 + code.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 62, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, 0x400078n, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 1, true);
  view.setUint32(68, 5, true);
  view.setBigUint64(80, 0x400000n, true);
  view.setBigUint64(88, 0x400000n, true);
  view.setBigUint64(96, BigInt(bytes.length), true);
  view.setBigUint64(104, BigInt(bytes.length), true);
  view.setBigUint64(112, 0x1000n, true);
  bytes.set(code, 0x78);
  return btoa(String.fromCharCode(...bytes));
})();

const calls = scripts({
  'writes a kernel setting':
    'for f in kernel/core_pattern kernel/modprobe kernel/hostname vm/swappiness net/ipv4/ip_forward fs/file-max; do [ -e /proc/sys/$f ] && cat /proc/sys/$f > /proc/sys/$f && echo "BREACH: $f"; done 2>/dev/null; true',
  'writes a core pattern that runs': 'echo "|$WS/evil" > /proc/sys/kernel/core_pattern && echo BREACH; true',
  'presses magic keys': 'echo h > /proc/sysrq-trigger && echo BREACH; true',
  'has capabilities':
    'grep -E "^Cap(Eff|Prm|Bnd|Amb|Inh)" /proc/self/status | grep -v 0000000000000000 && echo BREACH; true',
  'can gain rights by a program': 'grep -q "NoNewPrivs:.1" /proc/self/status || echo BREACH',
  'runs without a filter': 'grep -q "Seccomp:.2" /proc/self/status || echo BREACH',
  'becomes somebody else':
    'perl -e \'$! = 0; $> = 1; print "BREACH\\n" if $> == 1; $> = 0; print "BREACH $>\\n" if $> == 0 && $< != 0\'',
  'sees processes of the host':
    '[ -e /proc/$PARENT/cmdline ] && tr "\\0" " " < /proc/$PARENT/cmdline | grep -q vitest && echo BREACH; [ $(ls -d /proc/[0-9]* | wc -l) -gt 12 ] && echo BREACH; true',
  'kills processes of the host':
    'kill -0 $PARENT 2>/dev/null && grep -q node /proc/$PARENT/comm && echo BREACH; inside && kill -9 -1 2>/dev/null; true',
  'makes a user namespace by program': 'unshare -Ur true && echo BREACH; unshare -r -m true && echo BREACH; true',
  'makes namespaces one by one':
    'perl -e \'for $f (131072, 67108864, 134217728, 268435456, 536870912, 1073741824, 33554432, 128) { print "BREACH $f\\n" if syscall(272, $f) >= 0 }\'',
  'clones into a user namespace':
    'perl -e \'$r = syscall(56, 0x10000011, 0, 0, 0, 0); if ($r == 0) { syscall(231, 0) } print "BREACH\\n" if $r > 0\'',
  'clones with hidden flags':
    'perl -e \'for $f (0x10000000, 0x20000, 0) { $a = pack("Q11", $f, 0, 0, 0, 17); $r = syscall(435, $a, 88); if ($r == 0) { syscall(231, 0) } print "BREACH\\n" if $r > 0 }\'',
  'enters a namespace of the host':
    'for n in mnt net user pid ipc uts cgroup; do perl -e \'for $p (1, $ENV{PARENT}, getppid) { open(F, "<", "/proc/$p/ns/$ARGV[0]") or next; print "BREACH $ARGV[0]\\n" if syscall(308, fileno(F), 0) >= 0 }\' $n; done',
  'mounts by the old call': 'mkdir -p m; sys 165 none m tmpfs 0 0; sys 165 $OUT m 0 4096 0',
  'unmounts what protects':
    'perl -e \'for $p ("$ENV{WS}/.git", "$ENV{WS}/.codex", "$ENV{HOME}/.ssh", "/tmp", "/run", "/proc", "/dev") { for $f (0, 2) { print "BREACH $p\\n" if syscall(166, $p, $f) >= 0 } }\'',
  'mounts by the new calls':
    'sys 428 -100 $OUT 1; sys 430 tmpfs 0; sys 433 -100 / 0; sys 429 -100 $OUT -100 $WS 0; sys 442 -100 / 0 "$(printf %032d 0)" 32',
  'changes its root': 'sys 161 $WS; sys 155 . .',
  'makes a file handle':
    'perl -e \'$h = pack("Lx[L]x128", 128); $m = pack("L", 0); print "BREACH\\n" if syscall(303, -100, $ENV{OUT}, $h, $m, 0) >= 0\'',
  'opens by handle': 'perl -e \'$h = pack("LLx8", 8, 1); print "BREACH\\n" if syscall(304, -100, $h, 0) >= 0\'',
  traces: 'sys 101 0 0 0 0; sys 101 16 $PARENT 0 0',
  'reads memory of a process':
    'perl -e \'$b = "x" x 16; $v = pack("PQ", $b, 16); print "BREACH\\n" if syscall(310, $$ + 0, $v, 1, $v, 1, 0) >= 0; print "BREACH\\n" if syscall(311, $$ + 0, $v, 1, $v, 1, 0) >= 0\'',
  'compares processes':
    'sys 312 $$ $$ 0 0 0; perl -e \'print "BREACH\\n" if syscall(312, $$ + 0, $$ + 0, 0, 0, 0) >= 0\'',
  'takes a descriptor of a process':
    'perl -e \'$p = syscall(434, $$ + 0, 0); print "BREACH\\n" if $p >= 0 && syscall(438, $p, 0, 0) >= 0\'',
  'uses a keyring':
    'perl -e \'$p = "secret"; print "BREACH\\n" if syscall(248, "user", "hostile", $p, 6, -3) >= 0; print "BREACH\\n" if syscall(250, 0, -3, 0) >= 0; print "BREACH\\n" if syscall(249, "user", "hostile", 0, 0) >= 0\'',
  'loads a bpf program':
    'perl -e \'$a = pack("LLLLLLx96", 1, 4, 4, 1); print "BREACH\\n" if syscall(321, 0, $a, 72) >= 0\'',
  'counts performance events':
    'perl -e \'$a = pack("LLQx112", 1, 128, 0); print "BREACH\\n" if syscall(298, $a, 0, -1, -1, 0) >= 0\'',
  'handles page faults': 'sys 323 1; sys 323 0',
  'sets up io_uring': 'perl -e \'$p = "\\0" x 120; print "BREACH\\n" if syscall(425, 4, $p) >= 0\'',
  'watches a file system': 'sys 300 0 0',
  'asks who it should be':
    'perl -e \'print "BREACH\\n" if syscall(135, 0x0400000) >= 0; print "BREACH\\n" if syscall(135, 0x20000000) >= 0\'',
  'changes its segments': 'perl -e \'$b = "\\0" x 16; print "BREACH\\n" if syscall(154, 0, $b, 16) >= 0\'',
  'reaches for ports': 'sys 172 3; sys 173 128 1 1',
  'loads a module':
    'perl -e \'$i = "x" x 8; print "BREACH $!\\n" if syscall(175, $i, 8, "") >= 0 || $! != 1; syscall(176, "nothing", 0); print "BREACH $!\\n" if $! != 1\'',
  'loads a kernel':
    'perl -e \'syscall(246, 0, 0, 0, 0); print "BREACH $!\\n" if $! != 1; syscall(320, 0, 0, 0, "", 0); print "BREACH $!\\n" if $! != 1\'',
  'swaps, accounts, reboots':
    'perl -e \'for $c ([167, "/none", 0], [168, "/none"], [163, 0], [169, 1, 2, 3, 0], [153], [179, 0, 0, 0, 0]) { ($n, @a) = @$c; print "BREACH $n $!\\n" if syscall($n, @a) >= 0 || $! != 1 }\'',
  'reads the kernel log':
    'sys 103 3 "$(printf %0999d 0)" 999; sys 103 10 0 0; dmesg 2>/dev/null | head -1 | grep . && echo BREACH; true',
  'sets the name of the host':
    'sys 170 hostile 7; sys 171 hostile 7; hostname hostile 2>/dev/null && echo BREACH; true',
  'adjusts the clock':
    'perl -e \'$t = "\\0" x 256; print "BREACH\\n" if syscall(159, $t) >= 0; print "BREACH\\n" if syscall(305, 0, $t) >= 0\'',
  'types into the terminal':
    'perl -e \'$c = "x"; for $fd (0, 1, 2) { syscall(16, $fd, 0x5412, $c); print "BREACH $!\\n" if $! != 1; syscall(16, $fd, 0x100005412, $c); print "BREACH $!\\n" if $! != 1; syscall(16, $fd, 0x541c, $c); print "BREACH $!\\n" if $! != 1 }\'',
  'opens sockets of odd families':
    'perl -e \'for $f (40, 17, 38, 15, 31, 29, 30, 21, 44, 3, 4, 5, 9) { for $t (1, 2, 3, 5) { print "BREACH $f $t\\n" if syscall(41, $f, $t, 0) >= 0 } }\'',
  'opens raw sockets': 'sys 41 2 3 1; sys 41 2 3 255; sys 41 10 3 58',
  'opens odd pairs': 'perl -e \'$p = "\\0" x 8; print "BREACH\\n" if syscall(53, 30, 1, 0, $p) >= 0 || $! != 97\'',
  'uses the numbers of x32':
    'perl -e \'print "BREACH\\n" if syscall(0x40000000 + 39) >= 0; print "BREACH\\n" if syscall(0x40000000 + 101, 0, 0, 0, 0) >= 0; print "BREACH $!\\n" if $! != 38\'',
  'uses the gate of 32 bits': `echo ${INT80} | base64 -d > /tmp/gate; chmod +x /tmp/gate; /tmp/gate; [ $? = 42 ] && echo BREACH; rm -f /tmp/gate; true`,
  'makes a set-id file by descriptor':
    'perl -e \'open(F, ">", "/tmp/s"); for $c ([90, "/tmp/s", 04755], [91, fileno(F), 04755], [268, -100, "/tmp/s", 04755], [452, -100, "/tmp/s", 04755, 0]) { ($n, @a) = @$c; print "BREACH $n\\n" if syscall($n, @a) >= 0 } unlink "/tmp/s"\'',
});

const NAMESPACES = ['user', 'pid', 'ipc', 'uts', 'net', 'mnt', 'cgroup'];
const namespaceOf = (name: string): string => {
  try {
    return readlinkSync(`/proc/self/ns/${name}`);
  } catch {
    return 'none';
  }
};

const namespaces: Attempt = {
  name: 'shares a namespace with the host',
  env: () => ({ HOST_NS: NAMESPACES.map(namespaceOf).join(' ') }),
  script:
    'for n in $HOST_NS; do k=${n%%:*}; [ "$(readlink /proc/self/ns/$k)" = "$n" ] && echo "BREACH: $n"; done; true',
};

/** As the real root this would set the clock if the sandbox failed. */
const clock = scripts({
  'sets the clock':
    'perl -e \'$t = pack("QQ", time, 0); print "BREACH\\n" if syscall(164, $t, 0) >= 0; print "BREACH\\n" if syscall(227, 0, $t) >= 0\'',
});

export const kernel: Group = {
  name: 'kernel',
  modes: ['workspace-write'], // the filter and the namespaces are the same whatever may be written
  attempts: [
    namespaces,
    ...calls.map((attempt) => ({ ...attempt, needs: isX64 })),
    ...clock.map((attempt) => ({ ...attempt, needs: isX64, users: ['ordinary'] as const })),
  ],
};
