/**
 * With a list of hosts: past the gate, through it to what is not listed, and into the launcher that stands before the
 * command. Names are resolved to the host itself, so that a name that may be asked for leads where nobody may go.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxPolicy } from '../../../sandbox/policy.ts';
import { scripts, type Attempt, type Group } from '../attempt.ts';
import type { World } from '../world.ts';
import { network } from './network.ts';

const policy = ({ ws, ports }: World): SandboxPolicy => ({
  kind: 'workspaceWrite',
  writableRoots: [ws],
  network: { hosts: [`inner.test:${ports.tcp}`, 'other.test'] },
  tmp: 'private',
});

const HOSTS =
  '127.0.0.1 localhost 127.1 0x7f.1 2130706433 0 0.0.0.0 [::1] [::ffff:127.0.0.1] [::] inner.test LOCALHOST. unlisted.test';

/** Otherwise an attempt could be held by nothing but an error of its own. */
const allRefused: Attempt['expect'] = ({ output }) =>
  output.split('REFUSED').length - 1 === HOSTS.split(' ').length ? null : `the gate did not refuse all: ${output}`;

/** `$h` is the host; what the gate answers tells. */
const toEach = (words: string): string =>
  `for h in ${HOSTS}; do
    exec 9<>/dev/tcp/127.0.0.1/3128
    printf '${words}' "$h:$TCP" >&9
    p=$(timeout 5 cat <&9 | tr '\\0' ' ')
    case "$p" in *" 200 "*) echo "BREACH: $h";; *" 403 "*|*" 400 "*) echo "REFUSED $h";; esac
  done; true`;

const through: readonly Attempt[] = [
  { name: 'tunnels to the host', script: toEach('CONNECT %s HTTP/1.1\\r\\nHost: other.test\\r\\n\\r\\n') },
  {
    name: 'asks the host for a page',
    script: toEach('GET http://%s/ HTTP/1.1\\r\\nHost: other.test\\r\\nConnection: close\\r\\n\\r\\n'),
  },
].map((attempt) => ({ ...attempt, expect: allRefused }));

const EVIL =
  'package evil; open(my $f, ">>", "$ENV{WS}/evil-was-here"); print "BREACH: in the launcher\\n" if grep { -S "/proc/self/fd/$_" } 3 .. 40; 1;';

const launcher: readonly Attempt[] = [
  {
    name: 'runs in the launcher by the variables of perl',
    script: 'exec 9<&-; true',
    env: ({ ws }) => {
      mkdirSync(join(ws, 'lib'), { recursive: true });
      for (const name of ['evil', 'strict']) writeFileSync(join(ws, 'lib', `${name}.pm`), EVIL);
      return { PERL5OPT: '-Mevil', PERL5LIB: join(ws, 'lib'), PERLLIB: join(ws, 'lib'), PERL_UNICODE: 'SAD' };
    },
    expect: (_, { ws }) =>
      existsSync(join(ws, 'evil-was-here')) ? 'the launcher obeyed the environment of the command' : null,
  },
  {
    name: 'learns of the line',
    script: 'env | grep -E "^NODE_CHANNEL" && echo BREACH; true',
  },
  {
    name: 'goes around by the environment of proxies',
    script:
      'unset HTTP_PROXY http_proxy ALL_PROXY all_proxy; command -v curl >/dev/null && curl -s -m 3 "http://127.0.0.1:$TCP/" && echo BREACH; true',
  },
];

const flood: readonly Attempt[] = [
  {
    name: 'fills the gate',
    script: `perl -MSocket -e 'for (1 .. 600) { socket($s[$_], PF_INET, SOCK_STREAM, 0); connect($s[$_], sockaddr_in(3128, INADDR_LOOPBACK)); syswrite $s[$_], "GET http://x" }'; head -c 200000 /dev/zero > /dev/tcp/127.0.0.1/3128; echo ENDED`,
    expect: ({ output }) => (output.includes('ENDED') ? null : `it did not end: ${output.slice(0, 200)}`),
  },
];

const withGate = (attempt: Attempt): Attempt => ({ ...attempt, policy });

export const gate: Group = {
  name: 'gate',
  modes: ['workspace-write'],
  attempts: [
    ...network.attempts,
    ...through,
    ...launcher,
    ...flood,
    ...scripts({
      'answers by itself':
        'perl -MSocket -e \'socket(S, PF_INET, SOCK_STREAM, 0); setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1); bind(S, sockaddr_in(3128, INADDR_LOOPBACK)) and listen(S, 1) and print "BREACH\\n"\'',
    }),
  ].map(withGate),
};
