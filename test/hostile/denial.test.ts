/** E.9: scripts that are really run in the sandbox. Some are denied by it, some fail by themselves; both must be told apart. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bubblewrap } from '../../sandbox/backends/bubblewrap.backend.ts';
import { findHost, probe, survey } from '../../sandbox/host.ts';
import type { Command, Denial } from '../../sandbox/plan.ts';
import { runSpawn } from './run-spawn.ts';
import { createWorld, type World } from './world.ts';

const host = await probe(findHost());
const isUsable = bubblewrap.unavailable(host, { kind: 'readOnly', network: 'off' }) === null;
if (!isUsable) console.warn('denials are not tried: bubblewrap cannot be used here');

type What = Denial['what'] | null;
type Case = readonly [script: string, expected: What, needs?: string];

const NODE = process.execPath;
const PYTHON = '/usr/bin/python3';
const node = (code: string): string => `'${NODE}' -e '${code}'`;

const CASES: readonly Case[] = [
  // A read-only mount.
  ['touch $OUT/new', 'filesystem'],
  ['echo x > $OUT/new', 'filesystem'],
  ['echo x >> $OUT/victim', 'filesystem'],
  ['rm -f $OUT/victim', 'filesystem'],
  ['mkdir $OUT/d', 'filesystem'],
  ['mv $OUT/victim $OUT/v', 'filesystem'],
  ['cp file $OUT/', 'filesystem'],
  ['ln -s a $OUT/l', 'filesystem'],
  ['chmod 600 $OUT/victim', 'filesystem'],
  ['tee $OUT/new < file', 'filesystem'],
  ['dd if=file of=$OUT/new 2>&1', 'filesystem'],
  ['sed -i s/a/b/ $OUT/victim', 'filesystem'],
  ['mkdir .git/x', 'filesystem'],
  ['echo x > .git/config', 'filesystem'],
  ['mkdir .codex/x', 'filesystem'],
  ['git config user.name x', 'filesystem', '/usr/bin/git'],
  ['perl -e \'open(F, ">", "$ENV{OUT}/new") or die "cannot open: $!"\'', 'filesystem'],
  [node('require("fs").writeFileSync(process.env.OUT + "/new", "x")'), 'filesystem', NODE],
  [`${PYTHON} -c 'import os; open(os.environ["OUT"] + "/new", "w")'`, 'filesystem', PYTHON],
  ['tar cf $OUT/a.tar file', 'filesystem'],
  ['install -D file $OUT/sub/file', 'filesystem'],
  // What is hidden.
  ['cat $HOME/.ssh/id_rsa', 'filesystem'],
  ['ls $HOME/.ssh', 'filesystem'],
  ['cat $HOME/.netrc', 'filesystem'],
  ['cp $HOME/.aws/credentials .', 'filesystem'],
  // No network.
  [
    'getent hosts example.com || { echo "ping: example.com: Temporary failure in name resolution"; exit 2; }',
    'network',
  ],
  ['curl -sS http://example.com', 'network', '/usr/bin/curl'],
  ['bash -c "echo x > /dev/tcp/1.1.1.1/80"', 'network'],
  ['bash -c "echo x > /dev/tcp/example.com/80"', 'network'],
  [node('fetch("http://example.com")'), 'network', NODE],
  [node('require("net").connect(80, "1.1.1.1")'), 'network', NODE],
  [`${PYTHON} -c 'import urllib.request; urllib.request.urlopen("http://example.com")'`, 'network', PYTHON],
  ['git clone -q https://example.com/x.git /tmp/x', 'network', '/usr/bin/git'],
  // The filter.
  ['unshare -r true', 'kernel'],
  ['perl -MSocket -e \'socket(S, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!"\'', 'kernel'],
  [node('require("net").createServer().listen("/tmp/x.sock")'), 'kernel', NODE],
  [`${PYTHON} -c 'import socket; socket.socket(socket.AF_UNIX)'`, 'kernel', PYTHON],
  ['perl -e \'syscall(101, 0, 0, 0, 0) >= 0 or die "ptrace: $!"\'', 'kernel'],
  ['kill -SYS $$', 'kernel'],
  // Failures of their own.
  ['exit 1', null],
  ['false', null],
  ['ls /no/such/file', null],
  ['no-such-program', null],
  ['cat < /no/such', null],
  ['mkdir file/x', null],
  ['rmdir sub', null],
  ['touch t && chmod 000 t && mkdir -p p && chmod 000 p; ls p/x; exit 1', null],
  ['/etc/passwd', null],
  ['bash -c "exit 126"', null],
  ['grep -q nothing file', null],
  ['echo "expected sandbox to equal box"; exit 1', null],
  ['echo "FAIL tests/perm.test: permission denied is reported"; exit 1', null],
  ['echo \'grep: "Read-only file system" in fs.c\'; exit 1', null],
  ['echo "expect(message).toBe(EROFS)"; exit 1', null],
  ['echo "src/net.ts:3: // operation not permitted here"; exit 1', null],
  ['echo "seccomp landlock sandbox"; exit 1', null],
  ['ssh-like() { echo "Permission denied (publickey)."; return 255; }; ssh-like', null],
  ['bash -c "echo x > /dev/tcp/127.0.0.1/1"', null],
  [node('process.exit(3)'), null, NODE],
  [node('require("fs").readFileSync("/none")'), null, NODE],
  [node('throw new Error("boom")'), null, NODE],
  ['kill -TERM $$', null],
  ['kill -SEGV $$', null],
  ['timeout 0.1 sleep 5', null],
  ['test -w /etc/passwd', null],
  // Nothing failed, whatever was said.
  ['touch $OUT/new; true', null],
  ['curl -sS http://example.com; true', null],
  ['echo Read-only file system', null],
];

const denialOf = async (script: string, world: World): Promise<Denial | null> => {
  const policy = { kind: 'workspaceWrite', writableRoots: [world.ws], network: 'off', tmp: 'private' } as const;
  const here = { ...host, home: world.home };
  const command: Command = {
    argv: ['/bin/bash', '-c', script],
    cwd: world.ws,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', HOME: world.home, OUT: world.out },
    timeoutMs: 20_000,
    input: null,
  };
  const spawn = bubblewrap.confine(command, policy, survey(policy, world.ws, here, { privateTmp: world.tmp }), here);
  const { ending, output } = await runSpawn(spawn);
  return bubblewrap.denial(ending, output, spawn);
};

describe.skipIf(!isUsable)('a denial is told from a failure (E.9)', () => {
  it(`for ${CASES.length} scripts`, { timeout: 120_000 }, async () => {
    await using world = await createWorld(process.getuid?.() ?? 0);
    const wrong: string[] = [];
    for (const [script, expected, needs] of CASES) {
      if (needs !== undefined && !existsSync(needs)) {
        console.warn(`not tried, since ${needs} is missing: ${script}`);
        continue;
      }
      const denial = await denialOf(script, world);
      if ((denial?.what ?? null) !== expected) {
        wrong.push(
          `${script} → ${denial ? `${denial.what}, for “${denial.evidence}”` : 'no denial'}, expected ${expected}`,
        );
      }
    }
    expect(wrong).toEqual([]);
  });

  it('names the line and the path', async () => {
    await using world = await createWorld(process.getuid?.() ?? 0);
    const denial = await denialOf('touch $OUT/new', world);
    expect(denial).toEqual({
      what: 'filesystem',
      certainty: 'certain',
      evidence: `touch: cannot touch '${world.out}/new': Read-only file system`,
      paths: [`${world.out}/new`],
    });
  });
});
