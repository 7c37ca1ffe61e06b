import { describe, expect, it } from 'vitest';
import { assess } from './facts.ts';
import type { ExecPlan, PlanRequest } from './plan.ts';
import { plan, TABLE } from './planner.ts';
import type { ApprovalPolicy, Rule } from './policy.ts';
import { BARE_HOST, commandOf, patchOf, request, sh, TERRAIN } from './request.fixture.ts';

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

const questionOf = (step: ExecPlan) => {
  if (step.step !== 'ask') throw new Error(`expected a question, got ${step.step}`);
  return step.question;
};

describe('grants (R14, E.6)', () => {
  const unsandboxed = { kind: 'unsandboxed', argv: [...other.argv], cwd: '/ws', lifetime: 'session' } as const;

  it('lets exactly this command in this folder out', () => {
    const grants = [unsandboxed];
    expect(story(plan(request(other, { grants })))).toBe(DIRECT);
    expect(story(plan(request({ ...other, cwd: '/ws/sub' }, { grants })))).toBe(RUN);
    expect(story(plan(request(sh('npm test --all'), { grants })))).toBe(RUN);
  });

  it('is no match for a rule that asks or forbids', () => {
    expect(story(plan(request(other, { grants: [unsandboxed], rules: [rule('prompt', 'npm')] })))).toBe(`ask(${RUN})`);
    expect(story(plan(request(other, { grants: [unsandboxed], rules: [rule('forbidden', 'npm')] })))).toBe('refuse');
  });

  it('needs a prefix for every part', () => {
    const grants = [{ kind: 'prefix', argv: ['npm', 'test'], lifetime: 'session' }] as const;
    const with_ = (script: string) => story(plan(request(sh(script), { grants, approval: 'untrusted' })));
    expect(with_('npm test --watch')).toBe(RETRY);
    expect(with_('npm test && npm test')).toBe(RETRY);
    expect(with_('npm test && npm publish')).toBe(`ask(${RETRY})`);
    expect(with_('npm tests')).toBe(`ask(${RETRY})`);
  });

  it('makes one more folder writable, still inside the sandbox', () => {
    const grants = [{ kind: 'path', path: '/data', lifetime: 'session' }] as const;
    const terrain = { ...TERRAIN, roots: ['/ws', '/data'] };
    expect(story(plan(request({ ...other, writes: ['/data/x'] }, { grants, terrain, approval: 'never' })))).toBe(RUN);
  });

  it('E.6.1: skips the question about a patch only if every file is granted', () => {
    const grants = [{ kind: 'patch', path: '/ws/a', lifetime: 'session' }] as const;
    expect(story(plan(request(patchOf('/ws/a'), { grants, approval: 'untrusted' })))).toBe(RETRY);
    expect(story(plan(request(patchOf('/ws/a', '/ws/b'), { grants, approval: 'untrusted' })))).toBe(`ask(${RETRY})`);
  });

  it('opens the sandbox for a granted patch and for nothing else', () => {
    const grants = [{ kind: 'patch', path: '/etc/a', lifetime: 'session' }] as const;
    const given = plan(request(patchOf('/etc/a'), { grants, approval: 'never', ...outside('/etc/a') }));
    expect(story(given)).toBe(RUN);
    expect(given.step === 'run' ? given.spawn.inherited : []).toContainEqual({ fd: 8, folder: '/etc' });
  });
});

describe('questions', () => {
  it('R14: name every part of a compound command, and offer a prefix for each', () => {
    const question = questionOf(plan(request(sh('npm test && cargo build | tail -5'), { approval: 'untrusted' })));
    expect(question).toMatchObject({
      why: 'the approval policy is untrusted, and this is not known to be harmless: “npm test”, “cargo build”',
      now: null,
      ifYes: { backend: 'bubblewrap', sandbox: 'workspace-write · network off' },
      offers: [
        { kind: 'prefix', argv: ['npm', 'test'] },
        { kind: 'prefix', argv: ['cargo', 'build'] },
      ],
    });
    expect(question.offersInWords).toContain('“npm test”');
  });

  it.each([
    'sudo ls',
    'bash x.sh',
    'env A=1 ls -x',
    'xargs rm',
    'python3 -c pass',
    'node',
    'git',
    'npm run',
    'npm test; sudo ls',
    'rm -rf x',
    'npm $X',
  ])('offer nothing that would allow too much: %s', (script) =>
    expect(questionOf(plan(request(sh(script), { approval: 'untrusted' }))).offers).toEqual([]),
  );

  it('carry the words of the model, and what runs now and after a yes', () => {
    const command = { ...other, writes: ['/etc/a'] };
    expect(questionOf(plan(request(command, { escalation: ESCALATION })))).toMatchObject({
      justification: 'needs the network',
      now: { backend: 'bubblewrap', expects: 'would fail: read-only /etc/a' },
      ifYes: { backend: 'direct', sandbox: 'no sandbox · full access' },
      offers: [{ kind: 'unsandboxed', argv: other.argv, cwd: '/ws' }],
    });
  });

  it('R27: say which layer blocks, and how to mend it', () => {
    const refused = plan(request(other, { host: BARE_HOST, approval: 'never' }));
    expect(refused).toMatchObject({ reason: expect.stringMatching(/not installed.*apt install bubblewrap/) });
  });

  it('have another hash when a yes would run something else', () => {
    const hash = (script: string) => questionOf(plan(request(sh(script), { approval: 'untrusted' }))).planHash;
    expect(hash('npm test')).toBe(hash('npm test'));
    expect(hash('npm test')).not.toBe(hash('npm  test'));
  });
});
