import { describe, expect, it } from 'vitest';
import { assess } from './facts.ts';
import type { ExecPlan, PlanRequest } from './plan.ts';
import { plan, TABLE } from './planner.ts';
import type { ApprovalPolicy, Rule } from './policy.ts';
import { BARE_HOST, commandOf, GATED_HOST, listing, patchOf, request, sh, TERRAIN } from './request.fixture.ts';

/** The story of a plan in one line: `ask(run:bubblewrap ?ask(run:direct))`. */
const story = (step: ExecPlan): string => {
  switch (step.step) {
    case 'refuse':
      return 'refuse';
    case 'answer':
      return 'answer';
    case 'ask':
      return `ask(${story(step.then)})`;
    case 'run':
      return `run:${step.spawn.backend}${step.ifDenied ? ` ?${story(step.ifDenied)}` : ''}`;
  }
};
const RUN = 'run:bubblewrap';
const RETRY = 'run:bubblewrap ?ask(run:direct)';
const DIRECT = 'run:direct';
const READ_ONLY = { kind: 'readOnly', network: 'off' } as const;
const FULL = { kind: 'fullAccess' } as const;
const EXTERNAL = { kind: 'external' } as const;
const ESCALATION = { justification: 'needs the network' };
const rule = (decision: Rule['decision'], ...pattern: Rule['pattern']): Rule => ({
  pattern,
  decision,
  source: 'rules:1',
});

const POLICIES: readonly ApprovalPolicy[] = ['never', 'on-failure', 'on-request', 'untrusted'];
type Four = readonly [never: string, onFailure: string, onRequest: string, untrusted: string];
type Case = readonly [what: string, Omit<Partial<PlanRequest>, 'approval'> & Pick<PlanRequest, 'command'>, Four];

const harmless = sh('ls -la && cat file | wc -l');
const dangerous = sh('rm -rf build');
const other = sh('npm test');
const opaque = sh('for f in *; do echo $f; done');
const outside = (path: string): Partial<PlanRequest> => ({
  terrain: { ...TERRAIN, reach: [{ path, real: path, folder: '/etc' }] },
});

const LISTED = { host: GATED_HOST, sandbox: listing(['*.a.test'], ['no.a.test']) };

const CASES: readonly Case[] = [
  ['E.4.1 harmless', { command: harmless }, [RUN, RETRY, RUN, RETRY]],
  ['E.4.1 harmless, read-only', { command: harmless, sandbox: READ_ONLY }, [RUN, RETRY, RUN, RETRY]],
  ['E.4.1 harmless, full access', { command: harmless, sandbox: FULL }, [DIRECT, DIRECT, DIRECT, DIRECT]],
  ['E.4.2 dangerous', { command: dangerous }, ['refuse', `ask(${RETRY})`, `ask(${RUN})`, `ask(${RETRY})`]],
  [
    'E.4.2 dangerous inside a script',
    { command: sh('ls && sudo rm -rf /') },
    ['refuse', `ask(${RETRY})`, `ask(${RUN})`, `ask(${RETRY})`],
  ],
  [
    'E.4.2 dangerous in what we cannot read',
    { command: sh('rm -rf $X') },
    [RUN, `ask(${RETRY})`, `ask(${RUN})`, `ask(${RETRY})`],
  ],
  [
    'E.4.3 dangerous, full access',
    { command: dangerous, sandbox: FULL },
    [DIRECT, `ask(${DIRECT})`, `ask(${DIRECT})`, `ask(${DIRECT})`],
  ],
  [
    'E.4.3 dangerous, external',
    { command: dangerous, sandbox: EXTERNAL },
    [DIRECT, `ask(${DIRECT})`, `ask(${DIRECT})`, `ask(${DIRECT})`],
  ],
  ['E.4.4 other, full access', { command: other, sandbox: FULL }, [DIRECT, DIRECT, DIRECT, `ask(${DIRECT})`]],
  ['E.4.4 other, external', { command: other, sandbox: EXTERNAL }, [DIRECT, DIRECT, DIRECT, `ask(${DIRECT})`]],
  ['E.4.5 other', { command: other }, [RUN, RETRY, RUN, `ask(${RETRY})`]],
  ['E.4.5 other, read-only', { command: other, sandbox: READ_ONLY }, [RUN, RETRY, RUN, `ask(${RETRY})`]],
  ['E.4.5 what we cannot read', { command: opaque }, [RUN, RETRY, RUN, `ask(${RETRY})`]],
  ['E.4.6 escalation', { command: other, escalation: ESCALATION }, ['refuse', 'refuse', `ask(${DIRECT})`, 'refuse']],
  [
    'R15 escalation of something harmless',
    { command: harmless, escalation: ESCALATION },
    ['refuse', 'refuse', `ask(${DIRECT})`, 'refuse'],
  ],
  [
    'R15 escalation of something allowed',
    { command: other, escalation: ESCALATION, rules: [rule('allow', 'npm')] },
    ['refuse', 'refuse', `ask(${DIRECT})`, 'refuse'],
  ],
  [
    'E.4.4 escalation where nothing is confined',
    { command: other, sandbox: FULL, escalation: ESCALATION },
    [DIRECT, DIRECT, DIRECT, `ask(${DIRECT})`],
  ],
  [
    'E.6 forbidden',
    { command: sh('ls; npm test'), rules: [rule('forbidden', 'npm')] },
    ['refuse', 'refuse', 'refuse', 'refuse'],
  ],
  [
    'E.6 forbidden, full access',
    { command: other, sandbox: FULL, rules: [rule('forbidden', 'npm')] },
    ['refuse', 'refuse', 'refuse', 'refuse'],
  ],
  [
    'E.6 forbidden in what we cannot read',
    { command: sh('x=$(npm test)'), rules: [rule('forbidden', 'npm', 'test')] },
    ['refuse', 'refuse', 'refuse', 'refuse'],
  ],
  [
    'E.6 forbidden by another path',
    { command: sh('/usr/bin/npm test'), rules: [rule('forbidden', 'npm')] },
    ['refuse', 'refuse', 'refuse', 'refuse'],
  ],
  [
    'E.6 prompt',
    { command: other, rules: [rule('prompt', 'npm'), rule('allow', 'npm', 'test')] },
    ['refuse', `ask(${RETRY})`, `ask(${RUN})`, `ask(${RETRY})`],
  ],
  [
    'E.6 prompt for something harmless',
    { command: harmless, rules: [rule('prompt', 'cat')] },
    ['refuse', `ask(${RETRY})`, `ask(${RUN})`, `ask(${RETRY})`],
  ],
  ['E.6 allow', { command: other, rules: [rule('allow', 'npm', ['test', 'run'])] }, [RUN, RETRY, RUN, RETRY]],
  [
    'E.6 allow, dangerous',
    { command: dangerous, rules: [rule('allow', 'rm', '-rf', 'build')] },
    [RUN, RETRY, RUN, RETRY],
  ],
  [
    'R14 allow for one of two',
    { command: sh('npm test; make'), rules: [rule('allow', 'npm')] },
    [RUN, RETRY, RUN, `ask(${RETRY})`],
  ],
  [
    'R14 allow for one, the other harmless',
    { command: sh('npm test | tail -5'), rules: [rule('allow', 'npm')] },
    [RUN, RETRY, RUN, RETRY],
  ],
  [
    'R14 allow never reaches what we cannot read',
    { command: sh('npm test > log'), rules: [rule('allow', 'npm')] },
    [RUN, RETRY, RUN, `ask(${RETRY})`],
  ],
  [
    'R27 no backend',
    { command: other, host: BARE_HOST },
    ['refuse', `ask(${DIRECT})`, `ask(${DIRECT})`, `ask(${DIRECT})`],
  ],
  [
    'R27 no backend, harmless',
    { command: harmless, host: BARE_HOST },
    ['refuse', `ask(${DIRECT})`, `ask(${DIRECT})`, `ask(${DIRECT})`],
  ],
  [
    'R27 no backend, full access',
    { command: other, host: BARE_HOST, sandbox: FULL },
    [DIRECT, DIRECT, DIRECT, `ask(${DIRECT})`],
  ],
  [
    'R27 a .git that cannot be protected',
    { command: other, terrain: { ...TERRAIN, unprotectable: ['/ws/.git'] } },
    ['refuse', `ask(${DIRECT})`, `ask(${DIRECT})`, `ask(${DIRECT})`],
  ],
  ['E.5.1 empty patch', { command: patchOf() }, ['refuse', 'refuse', 'refuse', 'refuse']],
  ['E.5.3 patch inside', { command: patchOf('/ws/a', '/ws/b/c') }, [RUN, RETRY, RETRY, `ask(${RETRY})`]],
  [
    'E.5.3 patch inside, no backend',
    { command: patchOf('/ws/a'), host: BARE_HOST },
    ['refuse', `ask(${DIRECT})`, `ask(${DIRECT})`, `ask(${DIRECT})`],
  ],
  [
    'E.5.4 patch, full access',
    { command: patchOf('/etc/a'), sandbox: FULL },
    [DIRECT, DIRECT, DIRECT, `ask(${DIRECT})`],
  ],
  [
    'E.5.5 patch outside',
    { command: patchOf('/etc/a'), ...outside('/etc/a') },
    ['refuse', `ask(${RETRY})`, `ask(${RETRY})`, `ask(${RETRY})`],
  ],
  [
    'E.5.5 patch of a protected path',
    { command: patchOf('/ws/.git/hooks/x') },
    ['refuse', `ask(${RETRY})`, `ask(${RETRY})`, `ask(${RETRY})`],
  ],
  [
    'R30 patch through a link',
    {
      command: patchOf('/ws/l/a'),
      terrain: { ...TERRAIN, reach: [{ path: '/ws/l/a', real: '/etc/a', folder: '/etc' }] },
    },
    ['refuse', `ask(${RETRY})`, `ask(${RETRY})`, `ask(${RETRY})`],
  ],
  [
    'E.5.5 patch, read-only',
    { command: patchOf('/ws/a'), sandbox: READ_ONLY, terrain: { ...TERRAIN, roots: [] } },
    ['refuse', `ask(${RETRY})`, `ask(${RETRY})`, `ask(${RETRY})`],
  ],
  [
    'R29 a command that says where it writes',
    { command: { ...other, writes: ['/etc/a'] } },
    ['refuse', `ask(${RETRY})`, `ask(${RUN})`, `ask(${RETRY})`],
  ],
  ['R32 a list of hosts', { command: other, ...LISTED }, [RUN, RETRY, RUN, `ask(${RETRY})`]],
  [
    'R32 a host that was refused',
    { command: other, ...LISTED, refused: ['b.test:443'] },
    ['refuse', `ask(${RUN})`, `ask(${RUN})`, `ask(${RUN})`],
  ],
  [
    'R32 a host that a rule forbids',
    { command: other, ...LISTED, refused: ['no.a.test:22'] },
    ['refuse', 'refuse', 'refuse', 'refuse'],
  ],
  ['our own binary without writes', { command: { ...other, isOwn: true } }, [RUN, RUN, RUN, RUN]],
  ['an empty command', { command: commandOf('') }, ['refuse', 'refuse', 'refuse', 'refuse']],
  ['a command with NUL', { command: commandOf('echo', 'a\0--bind') }, ['refuse', 'refuse', 'refuse', 'refuse']],
  ['an environment with NUL', { command: { ...other, env: { A: '\0' } } }, ['refuse', 'refuse', 'refuse', 'refuse']],
  ['a folder that is not absolute', { command: { ...other, cwd: 'ws' } }, ['refuse', 'refuse', 'refuse', 'refuse']],
];

describe('the table', () => {
  for (const [what, given, expected] of CASES) {
    it.each(POLICIES.map((approval, index) => [approval, expected[index] ?? ''] as const))(
      `${what}, %s`,
      (approval, wanted) => {
        const { command, ...more } = given;
        expect(story(plan(request(command, { ...more, approval })))).toBe(wanted);
      },
    );
  }

  it('has no row that no case reaches', () => {
    const requests = CASES.flatMap(([, { command, ...more }]) =>
      POLICIES.map((approval) => assess(request(command, { ...more, approval }))),
    );
    const reached = new Set(requests.map((facts) => TABLE.find(({ when }) => when(facts))?.id));
    // Reached by a grant, further down.
    expect(TABLE.map(({ id }) => id).filter((id) => !reached.has(id))).toEqual(['free']);
  });
});
