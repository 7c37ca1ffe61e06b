/** R31: with the folder of git granted, a commit works in a plain repository and in a linked worktree; hooks and configuration stay. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bubblewrap } from '../../sandbox/backends/bubblewrap.backend.ts';
import { findHost, probe, survey } from '../../sandbox/host.ts';
import type { Grant } from '../../machines/protocol/index.ts';
import type { Command, ExecPlan } from '../../sandbox/plan.ts';
import { plan, withGrants } from '../../sandbox/planner.ts';
import { runSpawn, type Ran } from './run-spawn.ts';
import { createWorld, type World } from './world.ts';

const GIT = '/usr/bin/git';
const host = await probe(findHost());
const isUsable = bubblewrap.unavailable(host, { kind: 'readOnly', network: 'off' }) === null && existsSync(GIT);
if (!isUsable) console.warn('commits are not tried: there is no bubblewrap or no git here');

const ENV = {
  PATH: '/usr/bin:/bin',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@b',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@b',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
};
const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync(GIT, args, { cwd, env: ENV, encoding: 'utf8' });

const planFor = (world: World, cwd: string, script: string, grants: readonly Grant[], isLeaving = false): ExecPlan => {
  const sandbox = { kind: 'workspaceWrite', writableRoots: [cwd], network: 'off', tmp: 'private' } as const;
  const command: Command = { argv: ['/bin/bash', '-c', script], cwd, env: ENV, timeoutMs: 20_000, input: null };
  const terrain = survey(withGrants(sandbox, grants), cwd, host, { privateTmp: world.tmp });
  const escalation = isLeaving ? { justification: 'to commit' } : null;
  return plan({ command, sandbox, approval: 'on-request', grants, rules: [], escalation, host, terrain });
};
const ran = async (step: ExecPlan): Promise<Ran> => {
  if (step.step !== 'run') throw new Error(`it does not run: ${step.step}`);
  return runSpawn(step.spawn);
};

describe.skipIf(!isUsable)('a commit', () => {
  it.each(['repository', 'worktree'])('in a %s', async (kind) => {
    await using world = await createWorld(process.getuid?.() ?? 0);
    const main = join(world.base, 'fresh');
    mkdirSync(main);
    git(main, 'init', '-q');
    git(main, 'commit', '-q', '--allow-empty', '-m', 'first');
    const linked = join(world.base, 'beside');
    git(main, 'worktree', 'add', '-q', linked);
    const cwd = kind === 'repository' ? main : linked;
    writeFileSync(join(cwd, 'a'), 'x');
    const commit = 'git add a && git commit -q -m second';

    const denied = planFor(world, cwd, commit, []);
    const first = await ran(denied);
    expect(denied.step === 'run' && bubblewrap.denial(first.ending, first.output, denied.spawn)).toMatchObject({
      what: 'filesystem',
    });

    const asked = planFor(world, cwd, commit, [], true);
    const offers = asked.step === 'ask' ? asked.question.offers : [];
    expect(offers).toEqual([{ kind: 'path', path: join(main, '.git'), lifetime: 'session' }]);

    expect(await ran(planFor(world, cwd, commit, offers))).toMatchObject({ ending: { kind: 'exited', code: 0 } });
    expect(git(cwd, 'log', '--format=%s').split('\n')[0]).toBe('second');

    const attack =
      'cd "$(git rev-parse --git-common-dir)"; echo x > hooks/pre-commit; echo x >> config; mv hooks h; mv config c; rm config; rmdir hooks; true';
    const before = git(main, 'config', '--list');
    await ran(planFor(world, cwd, attack, offers));
    expect(git(main, 'config', '--list')).toBe(before);
    expect(existsSync(join(main, '.git/hooks/pre-commit'))).toBe(false);
    expect(existsSync(join(main, '.git/h'))).toBe(false);
  });
});
