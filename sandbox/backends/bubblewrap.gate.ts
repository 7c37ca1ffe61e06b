/**
 * How a command in a network of its own comes to one door: a launcher, inside, listens on its loopback, hands the listening
 * descriptor out over a line that ends with it, and becomes the command. What comes in there is then served from outside.
 *
 * Promises: the command gets neither the line nor the descriptor; its environment reaches the launcher as words only, so
 * that nothing in it can change what the launcher does; whoever holds the other end of the line sees it close without a
 * word when the command runs, and hears of it when it does not.
 */
import { ownNames } from '../hosts.ts';
import type { Command, Gate, Host, Inherited, Unavailable } from '../plan.ts';
import { pack } from './packed.ts';
import type { Arch } from './seccomp.table.ts';

/** Where programs expect a proxy. In the network of the command it is free: nothing else runs there yet. */
export const GATE_PORT = 3128;

const SENDMSG: Readonly<Record<Arch, number>> = { x64: 46, arm64: 211 };

/** Why no command can be let out to a list of hosts here; null: it can. */
export const gateProblem = ({ helpers, probes }: Host): Unavailable | null =>
  probes['gate'] ??
  (helpers['perl']
    ? null
    : { layer: 'not-installed', reason: 'a list of hosts needs perl', remedy: 'install perl-base' });

/** As Node reads a descriptor from its child, and what it is told of a command that could not be started. */
const HANDED = '{"cmd":"NODE_HANDLE","type":"net.Server","msg":"gate"}';
export const NOT_STARTED = 'not started';

const launcher = (arch: Arch, line: number, words: number): string => `use strict;
sub fail { print STDERR "gate: $_[0]\\n"; exit($_[1] // 1) }
open(my $line, '>&=', ${line}) or fail("descriptor ${line}: $!");
fcntl($line, 2, 1) or fail("close-on-exec: $!");
open(my $f, '<&=', ${words}) or fail("descriptor ${words}: $!");
binmode $f; my @w = do { local $/; split /\\0/, <$f>, -1 }; pop @w; close $f;
%ENV = (@w, PWD => $ENV{'PWD'});
socket(my $s, 2, 1, 0) or fail("socket: $!");
setsockopt($s, 1, 2, pack 'i', 1);
bind($s, pack('S n C4 x8', 2, ${GATE_PORT}, 127, 0, 0, 1)) or fail("bind: $!");
listen($s, 128) or fail("listen: $!");
my $text = '${HANDED}' . "\\n";
my $part = pack 'P Q', $text, length $text;
my $control = pack 'Q i i i x4', 20, 1, 1, fileno $s;
my $head = pack 'x16 P Q P Q x8', $part, 1, $control, length $control;
syscall(${SENDMSG[arch]}, fileno $line, $head, 0) == length $text or fail("sendmsg: $!");
exec { $ARGV[0] } @ARGV or my $why = "$!";
syswrite $line, qq("${NOT_STARTED}"\\n);
fail("execvp $ARGV[0]: $why", 127);
`;

/** What programs look at to find a proxy. Node's own does since 24. */
const proxies = (hosts: readonly string[]): Command['env'] => {
  const url = `http://127.0.0.1:${GATE_PORT}`;
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
  const own = ownNames(hosts).join(',');
  return {
    ...Object.fromEntries(names.map((name) => [name, url])),
    NO_PROXY: own,
    no_proxy: own,
    NODE_USE_ENV_PROXY: '1',
  };
};

export interface Gated {
  readonly argv: Command['argv'];
  readonly inherited: Inherited;
  readonly gate: Gate;
}

/** `fd`: the first of two descriptors that nobody else uses. */
export const gated = (
  { argv, env }: Command,
  hosts: readonly string[],
  except: readonly string[],
  fd: number,
  { perl, arch }: { readonly perl: string; readonly arch: Arch },
): Gated => ({
  argv: [perl, '-f', '-e', launcher(arch, fd, fd + 1), '--', ...argv],
  inherited: {
    fd: fd + 1,
    bytes: pack(Object.entries({ ...env, ...proxies(hosts) }).flat()),
    encoding: 'utf8',
  },
  gate: { fd, hosts, ...(except.length > 0 ? { except } : {}) },
});
