import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Grant } from '../machines/protocol/index.ts';
import type { Command, ExecPlan, PlanRequest, Spawn } from './plan.ts';
import { plan } from './planner.ts';
import type { Rule, SandboxPolicy } from './policy.ts';
import { BARE_HOST, HOST, MAC, patchOf, request, sh, TERRAIN } from './request.fixture.ts';

const script = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'ls',
      'cat a | wc -l',
      'npm test',
      'rm -rf x',
      'git reset --hard',
      'x=$(rm -rf y)',
      'ls && npm test',
      'sudo ls',
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
);
const command: fc.Arbitrary<Command> = fc.oneof(
  script.map(sh),
  fc
    .array(fc.string(), { minLength: 1, maxLength: 4 })
    .map(([file = '', ...args]) => ({ ...sh(''), argv: [file, ...args] as const })),
  fc
    .array(fc.constantFrom('/ws/a', '/etc/a', '/ws/.git/x', '/tmp/a', '/home/user/.ssh/x'), { maxLength: 3 })
    .map((paths) => patchOf(...paths)),
  script.map((text) => ({ ...sh(text), writes: ['/etc/a'] })),
);
const word = fc.constantFrom('ls', 'npm', 'test', 'rm', '-rf', 'cat', 'git', 'reset');
const rule: fc.Arbitrary<Rule> = fc.record({
  pattern: fc.array(word, { minLength: 1, maxLength: 2 }),
  decision: fc.constantFrom('allow', 'prompt', 'forbidden'),
  source: fc.constant('rules:1'),
});
const grant: fc.Arbitrary<Grant> = fc.oneof(
  fc.record({
    kind: fc.constant('prefix' as const),
    argv: fc.array(word, { minLength: 1, maxLength: 2 }),
    lifetime: fc.constant('session' as const),
  }),
  command.map(({ argv }) => ({
    kind: 'unsandboxed' as const,
    argv: [...argv],
    cwd: '/ws',
    lifetime: 'session' as const,
  })),
  fc.constantFrom('/etc/a', '/ws/a').map((path) => ({ kind: 'patch' as const, path, lifetime: 'session' as const })),
  fc.constant({ kind: 'path' as const, path: '/data', lifetime: 'session' as const }),
);
const network = fc.constantFrom('off' as const, 'loopback' as const, 'on' as const);
const confinedPolicy: fc.Arbitrary<SandboxPolicy> = fc.oneof(
  network.map((access) => ({ kind: 'readOnly' as const, network: access })),
  fc.record({
    kind: fc.constant('workspaceWrite' as const),
    writableRoots: fc.constant(['/ws']),
    network,
    tmp: fc.constantFrom('private' as const, 'host' as const),
  }),
);
const policy = fc.oneof(confinedPolicy, fc.constantFrom<SandboxPolicy>({ kind: 'fullAccess' }, { kind: 'external' }));

const requests: fc.Arbitrary<PlanRequest> = fc
  .record({
    command,
    sandbox: policy,
    approval: fc.constantFrom('never', 'on-failure', 'on-request', 'untrusted'),
    rules: fc.array(rule, { maxLength: 3 }),
    grants: fc.array(grant, { maxLength: 3 }),
    escalation: fc.option(fc.record({ justification: fc.string() })),
    host: fc.constantFrom(HOST, HOST, HOST, MAC, BARE_HOST),
    isTangled: fc.boolean(),
  })
  .map(({ command: what, isTangled, ...more }) =>
    request(what, {
      ...more,
      terrain: {
        ...TERRAIN,
        roots: more.sandbox.kind === 'workspaceWrite' ? ['/ws'] : [],
        ...(isTangled ? { unprotectable: ['/ws/.git'] } : {}),
      },
    }),
  );

/** Every step of a plan, each with how many questions were answered with yes on the way. */
const steps = (step: ExecPlan, yeses = 0): readonly (readonly [ExecPlan, number])[] => [
  [step, yeses],
  ...(step.step === 'ask' ? steps(step.then, yeses + 1) : []),
  ...(step.step === 'run' && step.ifDenied ? steps(step.ifDenied, yeses) : []),
];
/** What runs although nobody was asked. */
const unasked = (step: ExecPlan): Spawn | null => (step.step === 'run' ? step.spawn : null);
const isConfined = ({ sandbox }: PlanRequest): boolean =>
  sandbox.kind === 'readOnly' || sandbox.kind === 'workspaceWrite';
const foldersOf = (spawn: Spawn): readonly string[] =>
  spawn.inherited.flatMap((part) => ('folder' in part ? [part.folder] : []));
const reachesNetwork = ({ inherited, backend }: Spawn): boolean =>
  backend === 'direct' || !inherited.some((part) => 'bytes' in part && part.bytes.includes('--unshare-net'));

describe('for every request', () => {
  it('there is a plan, and it is always the same', () =>
    fc.assert(
      fc.property(requests, (given) => {
        expect(plan(given)).toEqual(plan(structuredClone(given)));
      }),
    ));

  it('never asks nothing under never', () =>
    fc.assert(
      fc.property(requests, (given) => {
        expect(steps(plan({ ...given, approval: 'never' })).every(([{ step }]) => step !== 'ask')).toBe(true);
      }),
    ));

  it('R29: two runs have a question between them', () =>
    fc.assert(
      fc.property(requests, (given) => {
        for (const [step] of steps(plan(given))) {
          if (step.step === 'run') expect(step.ifDenied?.step ?? 'ask').toBe('ask');
        }
      }),
    ));

  it('R29: there are at most two runs', () =>
    fc.assert(fc.property(requests, (given) => steps(plan(given)).filter(([{ step }]) => step === 'run').length <= 2)));

  it('R15: nothing leaves the sandbox unasked, except by a grant for this very command', () =>
    fc.assert(
      fc.property(requests, (given) => {
        fc.pre(isConfined(given) && !given.grants.some(({ kind }) => kind === 'unsandboxed'));
        expect(unasked(plan(given))?.backend ?? '').not.toBe('direct');
      }),
    ));

  it('R27: nothing runs unasked where no backend works', () =>
    fc.assert(
      fc.property(requests, (given) => {
        fc.pre(isConfined(given) && !given.grants.some(({ kind }) => kind === 'unsandboxed'));
        expect(unasked(plan({ ...given, host: BARE_HOST }))).toBe(null);
      }),
    ));

  it('a forbidden word is refused, whatever else is allowed', () =>
    fc.assert(
      fc.property(requests, (given) => {
        const rules = [
          ...given.rules,
          { pattern: [given.command.argv[0]], decision: 'forbidden', source: 'x' } as const,
        ];
        const isShell = given.command.argv[0] === '/bin/bash';
        fc.pre(!isShell && given.command.argv[0] !== '');
        expect(plan({ ...given, rules }).step).toBe('refuse');
      }),
    ));
});

describe('less allowed is never more possible', () => {
  it('with fewer grants', () =>
    fc.assert(
      fc.property(requests, (given) => {
        if (unasked(plan({ ...given, grants: [] }))) expect(unasked(plan(given))).not.toBe(null);
      }),
    ));

  it('with fewer rules that allow', () =>
    fc.assert(
      fc.property(requests, (given) => {
        const rules = given.rules.filter(({ decision }) => decision !== 'allow');
        if (unasked(plan({ ...given, rules }))) expect(unasked(plan(given))).not.toBe(null);
      }),
    ));

  it('with one more rule that restricts', () =>
    fc.assert(
      fc.property(requests, rule, (given, more) => {
        fc.pre(more.decision !== 'allow');
        if (unasked(plan({ ...given, rules: [...given.rules, more] }))) expect(unasked(plan(given))).not.toBe(null);
      }),
    ));

  it('with read-only instead of workspace-write', () =>
    fc.assert(
      fc.property(requests, (given) => {
        fc.pre(given.sandbox.kind === 'workspaceWrite' && !given.grants.some(({ kind }) => kind === 'patch'));
        const strict = unasked(
          plan({
            ...given,
            sandbox: { kind: 'readOnly', network: 'off' },
            terrain: { ...given.terrain, roots: [], privateTmp: null },
          }),
        );
        const loose = unasked(plan(given));
        if (!strict) return;
        expect(loose).not.toBe(null);
        if (loose && loose.backend !== 'direct')
          expect(foldersOf(loose)).toEqual(expect.arrayContaining([...foldersOf(strict)]));
      }),
    ));

  it('R32: with the network off', () =>
    fc.assert(
      fc.property(requests, (given) => {
        fc.pre(given.sandbox.kind === 'workspaceWrite' || given.sandbox.kind === 'readOnly');
        fc.pre(given.host === HOST && !given.grants.some(({ kind }) => kind === 'unsandboxed'));
        const spawn = unasked(plan({ ...given, sandbox: { ...given.sandbox, network: 'off' } }));
        if (spawn) expect(reachesNetwork(spawn)).toBe(false);
      }),
    ));
});
