import { describe, expect, it } from 'vitest';
import type { ExecPlan, PlanRequest } from './plan.ts';
import { plan } from './planner.ts';
import { BARE_HOST, patchOf, request, sh, TERRAIN } from './request.fixture.ts';
import type { Rule } from './policy.ts';

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
const ESCALATION = { justification: 'needs the network' };
const rule = (decision: Rule['decision'], ...pattern: Rule['pattern']): Rule => ({
  pattern,
  decision,
  source: 'rules:1',
});
const other = sh('npm test');
const outside = (path: string): Partial<PlanRequest> => ({
  terrain: { ...TERRAIN, reach: [{ path, real: path, folder: '/etc' }] },
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
