/**
 * The program that puts a Landlock domain around a command: perl, because it can make system calls and is there wherever
 * Debian, Ubuntu or Fedora is. It reads its words from a pipe, so nothing of them is in a process list.
 *
 * Promises: what it cannot set up, it does not start without; its own process stays outside, waits, and reports the end
 * of the command on the status descriptor as bubblewrap does; a hidden path is left out rather than taken away, since
 * Landlock knows only what is allowed: everything beside it is allowed one by one, at the time of the start.
 */
import type { Arch } from './seccomp.table.ts';

/** The oldest that keeps signals and nameless sockets inside. Kernel 6.12. */
export const LANDLOCK_ABI = 6;

/** `prctl` and `capset`; the calls of Landlock have one number everywhere. */
const CALLS: Readonly<Record<Arch, readonly [prctl: number, capset: number]>> = { x64: [157, 126], arm64: [167, 91] };

export const FILTER_FD = 3;
export const STATUS_FD = 4;
export const WORDS_FD = 5;

/** Bits of the access rights of files. */
const EXECUTE = 0x1;
const WRITE_FILE = 0x2;
const READ_FILE = 0x4;
const READ_DIR = 0x8;
const TRUNCATE = 0x4000;
const IOCTL_DEV = 0x8000;
const ALL_FILES = 0xffff;
/** But for device nodes, which it could not use anyway. */
const SCRATCH = ALL_FILES & ~(0x40 | 0x800 | IOCTL_DEV);

/** What stops a command that is not wanted has stopped it before: nothing below `fail` may be missing. */
export const launcher = (arch: Arch): string => {
  const [prctl, capset] = CALLS[arch];
  return `use strict;
sub fail { print STDERR "landlock: $_[0]\\n"; exit 1 }
sub slurp { open(my $f, '<&=', $_[0]) or fail("descriptor $_[0]: $!"); binmode $f; local $/; my $t = <$f>; close $f; $t }
my $filter = slurp(${FILTER_FD});
my @w = split /\\0/, slurp(${WORDS_FD}), -1; pop @w;
my (%hide, @keep, @device, $scratch, $cwd, $net);
delete @ENV{'PATH', 'LC_ALL'};
while (@w) {
  my $o = shift @w;
  if ($o eq '--hide') { $hide{shift @w} = 1 }
  elsif ($o eq '--keep') { push @keep, shift @w }
  elsif ($o eq '--device') { push @device, shift @w }
  elsif ($o eq '--scratch') { $scratch = shift @w }
  elsif ($o eq '--network') { $net = shift @w }
  elsif ($o eq '--chdir') { $cwd = shift @w }
  elsif ($o eq '--setenv') { my $k = shift @w; $ENV{$k} = shift @w }
  else { fail("unknown word $o") }
}
my $abi = syscall(444, 0, 0, 1);
$abi >= ${LANDLOCK_ABI} or fail("this kernel has Landlock ABI $abi, and ${LANDLOCK_ABI} is needed");
my $attr = pack('Q3', ${ALL_FILES}, $net eq 'on' ? 0 : 3, 3);
my $set = syscall(444, $attr, length $attr, 0);
$set >= 0 or fail("create_ruleset: $!");
sub grant {
  my ($path, $rights) = @_;
  sysopen(my $f, $path, ${0o10000000}) or return 0;
  $rights &= ${EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV} unless -d $f;
  my $rule = pack('Qi', $rights, fileno $f);
  return $rights && syscall(445, $set, 1, $rule, 0) == 0;
}
my %above; for my $h (keys %hide) { my $p = $h; while ($p =~ s{/[^/]*$}{}) { $above{$p eq '' ? '/' : $p} = 1 } }
sub beside {
  my ($dir) = @_;
  opendir(my $d, $dir) or return;
  for my $name (readdir $d) {
    my $path = $dir eq '/' ? "/$name" : "$dir/$name";
    next if $name eq '.' || $name eq '..' || $hide{$path} || -l $path;
    if ($above{$path}) { beside($path) } else { grant($path, ${EXECUTE | READ_FILE}) }
  }
}
grant('/', ${READ_DIR}) or fail("add_rule: $!");
if (%above) { beside('/') } else { grant('/', ${EXECUTE | READ_FILE}) }
sub keep { my ($p) = @_; return if $hide{$p}; if ($above{$p}) { beside($p) } else { grant($p, ${EXECUTE | READ_FILE}) } }
keep($_) for @keep;
grant($_, ${READ_FILE | WRITE_FILE | TRUNCATE | IOCTL_DEV}) for @device;
for my $n (1, 2) { grant("/proc/self/fd/$n", ${READ_FILE | WRITE_FILE | TRUNCATE}) if -p "/dev/fd/$n" }
if (defined $scratch) { grant($scratch, ${SCRATCH}) or fail("the scratch folder $scratch: $!") }
open(my $status, '>&=', ${STATUS_FD}) or fail("status: $!");
pipe(my $hear, my $tell) or fail("pipe: $!");
my $child = fork; defined $child or fail("fork: $!");
if ($child == 0) {
  close $status; close $hear;
  my $stop = sub { print STDERR "landlock: $_[0]\\n"; syswrite $tell, 'x'; exit 1 };
  chdir $cwd or $stop->("Can't chdir to $cwd: $!");
  syscall(${prctl}, 38, 1, 0, 0, 0) == 0 or $stop->("no_new_privs: $!");
  for my $c (0 .. 63) { last if syscall(${prctl}, 24, $c, 0, 0, 0) != 0 }
  syscall(${prctl}, 47, 4, 0, 0, 0);
  my ($head, $none) = (pack('Li', 0x20080522, 0), "\\0" x 24);
  syscall(${capset}, $head, $none) == 0 or $stop->("capset: $!");
  syscall(446, $set, 0) == 0 or $stop->("restrict_self: $!");
  my $program = pack('Sx6P', length($filter) / 8, $filter);
  syscall(${prctl}, 22, 2, $program, 0, 0) == 0 or $stop->("seccomp: $!");
  exec { $ARGV[0] } @ARGV or $stop->("execvp $ARGV[0]: $!");
}
$SIG{$_} = 'IGNORE' for qw(TERM INT HUP QUIT);
close $tell;
my $failed = sysread($hear, my $byte, 1);
waitpid $child, 0;
my $code = $? & 127 ? 128 + ($? & 127) : $? >> 8;
syswrite $status, "{ \\"exit-code\\": $code }\\n" unless $failed;
exit $code;
`;
};
