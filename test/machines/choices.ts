/** What each kind of leaf may report, by name. A name and the world's state decide everything, so a story is a list of names. */
import type { EventObject } from 'xstate';
import type { HookName, HookVerdict } from '../../machines/hook.contract.ts';
import type { ErrorKind, Question } from '../../machines/protocol/index.ts';
import type { CallPlan, Denial, ExecEnding, ExecPlan, Spawn } from '../../sandbox/plan.ts';
import type { Puppet } from './puppets.ts';

const inWords = { backend: 'puppet', sandbox: 'none' };
const spawn: Spawn = {
  argv: ['true'],
  cwd: '/',
  env: {},
  timeoutMs: 1,
  input: null,
  backend: 'puppet',
  inherited: [],
  statusFd: null,
  ownsDescendants: true,
  residue: [],
  inWords,
};
const question: Question = {
  why: 'policy',
  now: null,
  ifYes: inWords,
  offers: [{ kind: 'prefix', argv: ['true'], lifetime: 'session' }],
  offersInWords: 'true',
  planHash: 'hash',
};
const run = { step: 'run', spawn, ifDenied: null } as const satisfies ExecPlan;
const ask = (then: ExecPlan): ExecPlan => ({ step: 'ask', question, then });
const lasting = {
  step: 'run',
  spawn: { ...spawn, terminal: { yieldMs: 250, maxBytes: 100 } },
  ifDenied: null,
} as const satisfies ExecPlan;
/** How long a call listens to a terminal. Milliseconds. */
export const TALK_MS = 5_000;
/** The first terminal that a story can have. */
const FIRST_TERMINAL = 'turn-1.c';
/** The one server of tools that a story can have. */
export const SERVER = 's';
export const PLANS: Readonly<Record<string, CallPlan>> = {
  run,
  ask: ask(run),
  escalating: { step: 'run', spawn, ifDenied: ask(run) },
  askTwice: ask({ step: 'run', spawn, ifDenied: ask(run) }),
  reaches: { ...run, ifRefused: 'replan' },
  refuse: { step: 'refuse', reason: 'not here' },
  lasts: lasting,
  lastsOrAsks: { ...lasting, ifDenied: ask(run), ifRefused: 'replan' },
  talk: { step: 'talk', talk: { terminalId: FIRST_TERMINAL, chars: '', yieldMs: TALK_MS, maxBytes: 100 } },
  remote: { step: 'remote', remote: { server: SERVER, tool: 't', args: '{}', timeoutMs: 5_000 } },
  answer: { step: 'answer', output: 'done', succeeded: true },
};
const ENDINGS: Readonly<Record<string, ExecEnding>> = {
  ok: { kind: 'exited', code: 0 },
  fails: { kind: 'exited', code: 1 },
  timedOut: { kind: 'timedOut', afterMs: 1 },
  denied: { kind: 'exited', code: 1 },
  refused: { kind: 'exited', code: 1 },
  setupFailed: { kind: 'setupFailed', reason: 'no sandbox' },
};
const FAILURES: Readonly<Record<string, { kind: ErrorKind; retryAfterMs?: number }>> = {
  drops: { kind: 'streamDisconnected' },
  busy: { kind: 'rateLimited', retryAfterMs: 5_000 },
  tooBusy: { kind: 'rateLimited', retryAfterMs: 60_000 },
  overflows: { kind: 'contextWindowExceeded' },
  refuses: { kind: 'badRequest' },
};
const usage = (input: number) => ({ input, cachedInput: 0, output: 1, reasoningOutput: 0 });

/** Window 1000, compaction at 900: one figure far below, one above. */
export const WINDOW = 1_000;
export const COMPACT_AT = 900;

/** How the words of a reviewer are known, and the ids of its calls. */
export const REVIEWER = 'reviewer';
const FINDINGS = JSON.stringify({ findings: [{ title: 'found' }], overall_explanation: '' });

/** What an attempt says that was given up before. */
export const GIVEN_UP = 'late';

export type Reports = readonly (readonly [name: string, event: EventObject & Record<string, unknown>])[];

const sampled = ({ input, commands }: Puppet): Reports => {
  const { attempt, purpose } = input as { attempt: number; purpose: string };
  // Another voice, so that the books can tell whose words are where.
  const isReview = purpose === 'review';
  const callId = isReview ? REVIEWER : 'c';
  const item = (name: string, what: object) => [name, { type: 'sample.item', attempt, item: what }] as const;
  const completed = (name: string, tokens: number | null, mustContinue = false) =>
    [name, { type: 'sample.completed', attempt, usage: tokens === null ? null : usage(tokens), mustContinue }] as const;
  return [
    item('says', { type: 'agent', text: isReview ? REVIEWER : 'well' }),
    ...(isReview ? [item('finds', { type: 'agent', text: FINDINGS })] : []),
    item('mumbles', { type: 'agent', text: ' ' }),
    item('calls', { type: 'call', callId, tool: 'shell', args: '{}' }),
    completed('completes', 10),
    completed('fills', COMPACT_AT),
    completed('uncounted', null),
    completed('continues', 10, true),
    item('thinks', { type: 'reasoning', text: 'hm' }),
    ...Object.entries(FAILURES).map(
      ([name, error]) =>
        [
          name,
          { type: 'sample.failed', attempt, error: { message: name, ...error }, partial: 'half', elapsedMs: 100 },
        ] as const,
    ),
    item('repeats', { type: 'call', callId, tool: 'shell', args: '{}' }),
    ['late', { type: 'sample.item', attempt: attempt - 1, item: { type: 'agent', text: GIVEN_UP } }],
    ...(commands.includes('sample.cut')
      ? [['stops', { type: 'sample.stopped', attempt, partial: 'half' }] as const]
      : []),
  ];
};

const DENIALS: Readonly<Record<string, Denial>> = {
  denied: { what: 'filesystem', certainty: 'certain', evidence: 'denied', paths: [] },
  refused: { what: 'network', certainty: 'likely', evidence: 'refused', paths: [], hosts: ['a.test:443'] },
};

const executed = ({ input, commands }: Puppet): Reports => {
  const { callId, turnId } = input as { callId: string; turnId: string };
  const exited = (name: string, ending: ExecEnding) =>
    [
      name,
      {
        type: 'exec.exited',
        callId,
        output: name,
        result: {
          ending,
          output: name,
          omittedBytes: 0,
          durationMs: 1,
          pid: 7,
          denial: DENIALS[name] ?? null,
          ...(name === 'refused' ? { network: { contacted: ['b.test:443'], refused: ['a.test:443'] } } : {}),
        },
      },
    ] as const;
  return [
    ...Object.entries(ENDINGS).map(([name, ending]) => exited(name, ending)),
    ...(commands.includes('exec.yield')
      ? [
          [
            'goesOn',
            { type: 'exec.yielded', callId, terminalId: `${turnId}.${callId}`, pid: 7, output: 'so far' },
          ] as const,
        ]
      : []),
    ...(commands.includes('exec.cancel') ? [exited('yields', { kind: 'cancelled', signal: 'SIGTERM' })] : []),
  ];
};

const planned = ({ input }: Puppet): Reports => {
  const { callId, refused } = input as { callId: string; refused?: readonly string[] };
  const view = { kind: 'command', command: 'true', argv: ['true'], cwd: '/' };
  if (refused !== undefined)
    return [
      ['offers', { type: 'plan.ready', callId, view, plan: PLANS['ask'], isExclusive: false }],
      ['overreaches', { type: 'plan.ready', callId, view, plan: PLANS['run'], isExclusive: false }],
      ['declines', { type: 'plan.ready', callId, view, plan: PLANS['refuse'], isExclusive: false }],
    ];
  return Object.entries(PLANS).flatMap(([name, plan]) =>
    (name.startsWith('lasts') || plan.step === 'talk' ? [false] : [false, true]).map(
      (isExclusive) =>
        [isExclusive ? `${name}!` : name, { type: 'plan.ready', callId, view, plan, isExclusive }] as const,
    ),
  );
};

const watched = ({ input, commands }: Puppet): Reports => {
  const { terminalId } = input as { terminalId: string };
  const ended = (ending: ExecEnding) => ({ type: 'watch.ended', terminalId, ending });
  return [
    ['exits', ended({ kind: 'exited', code: 0 })],
    ...(commands.includes('watch.end') ? [['obeys', ended({ kind: 'cancelled', signal: 'SIGTERM' })] as const] : []),
  ];
};

const talked = ({ input }: Puppet): Reports => {
  const { callId, terminalId } = input as { callId: string; terminalId: string };
  return (['running', 'ended', 'unknown'] as const).map((state) => [
    `hears${state}`,
    { type: 'talk.heard', callId, terminalId, state, status: 'completed', output: state },
  ]);
};

const linked = ({ commands }: Puppet): Reports => {
  const ended = (why: string | null) => ({ type: 'link.ended', server: SERVER, why });
  return [
    ['lists', { type: 'link.listed', server: SERVER, tools: ['t'] }],
    ['dies', ended('it died')],
    ...(commands.includes('link.end') ? [['obeys', ended(null)] as const] : []),
  ];
};

const reached = ({ input }: Puppet): Reports => {
  const { callId } = input as { callId: string };
  return (['completed', 'failed'] as const).map((status) => [
    status,
    { type: 'remote.answered', callId, status, output: status },
  ]);
};

const asked = ({ input, commands }: Puppet): Reports => {
  const { hook } = input as { hook: HookName };
  const done = (name: string, verdict: HookVerdict, context = '') =>
    [name, { type: 'hook.done', hook, verdict, context, warnings: [] }] as const;
  return [
    done('passes', { kind: 'passed' }),
    done('blocks', { kind: 'blocked', reason: 'no' }),
    ...(hook === 'beforeTool' ? [done('asks', { kind: 'asked', reason: 'look' })] : []),
    done('adds', { kind: 'passed' }, 'by the way'),
    ...(commands.includes('hook.cancel') ? [done('obeys', { kind: 'cancelled' })] : []),
  ];
};

export const reportsOf = (puppet: Puppet): Reports => {
  const { turnId } = puppet.input as { turnId: string };
  switch (puppet.kind) {
    case 'open':
      return [['opens', { type: 'session.opened', sandbox: inWords, surroundings: [], warnings: [] }]];
    case 'restore':
      return [['restores', { type: 'restore.done', files: { restored: ['/a'], kept: [], notCovered: [] } }]];
    case 'settle':
      return [
        ['unchanged', { type: 'turn.settled', turnId, diff: '' }],
        ['changed', { type: 'turn.settled', turnId, diff: '+' }],
      ];
    case 'plan':
      return planned(puppet);
    case 'hook':
      return asked(puppet);
    case 'watch':
      return watched(puppet);
    case 'link':
      return linked(puppet);
    case 'remote':
      return reached(puppet);
    case 'talk':
      return talked(puppet);
    case 'exec':
      return executed(puppet);
    case 'sample':
      return sampled(puppet);
    default:
      return []; // nobody plays it yet
  }
};
