/** By taking too much, or by not going away. */
import { scripts, type Attempt, type Group } from '../attempt.ts';
import type { Ran } from '../run-spawn.ts';

const ended =
  (...kinds: readonly Ran['ending']['kind'][]) =>
  ({ ending }: Ran): string | null =>
    kinds.includes(ending.kind) ? null : `it ended as ${ending.kind}`;

const endless = (name: string, script: string): Attempt => ({
  name,
  script,
  timeoutMs: 700,
  expect: ended('timedOut', 'exited', 'signalled'),
});

export const resources: Group = {
  name: 'resources',
  modes: ['workspace-write'],
  attempts: [
    // Bounded by itself as well: no limit of the system binds root, and a broken sandbox must not cost the machine.
    endless('forks and forks', 'inside && f() { [ $1 -lt 8 ] && { f $(($1+1)) | f $(($1+1)) & }; sleep 30; }; f 0'),
    endless('sleeps', 'sleep 1000'),
    endless('ignores signals', "trap '' TERM INT HUP QUIT; while :; do sleep 0.1; done"),
    endless('stops itself', 'kill -STOP $$'),
    endless('prints without end', 'yes'),
    endless('prints one line without end', 'tr "\\0" x < /dev/zero'),
    endless('waits for input', 'cat'),
    endless('holds the terminal', 'setsid sleep 1000 & wait'),
    endless(
      'starts many that ignore everything',
      "for i in $(seq 50); do (trap '' TERM; setsid sleep 1000) & done; wait",
    ),
    ...scripts({
      'leaves a daemon': 'setsid sleep 1000 > /dev/null 2>&1 < /dev/null & disown; true',
      'leaves one that forked twice': '(setsid sh -c "sleep 1000 & sleep 1000 &" &) ; true',
      'leaves one that holds the output': 'sleep 1000 & true',
      'opens many files': 'for i in $(seq 3 900); do eval "exec $i</dev/null" 2>/dev/null || break; done; true',
      'makes many files': 'mkdir -p /tmp/m && cd /tmp/m && seq 1000 | xargs touch; rm -rf /tmp/m',
      'makes a deep tree':
        'perl -e \'chdir "/tmp"; for (1..400) { mkdir "d" and chdir "d" or last }\'; rm -rf /tmp/d; true',
      'lowers its own limits': 'ulimit -f 0; echo x > /tmp/limited; true',
      'kills everybody it can': 'inside && kill -9 -1; true',
      'kills the first process': 'kill -9 1; kill -TERM 1; kill -STOP 1; true',
    }),
  ],
};
