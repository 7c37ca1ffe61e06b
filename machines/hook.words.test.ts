import { describe, expect, it } from 'vitest';
import type { CallPlan, Spawn } from '../sandbox/plan.ts';
import { afterQuestion, unheard } from './hook.words.ts';

const inWords = { backend: 'b', sandbox: 's' };
const run = { step: 'run', spawn: { inWords } as Spawn, ifDenied: null } as const;
const remote = { step: 'remote', remote: { server: 's', tool: 't', args: '{}', timeoutMs: 1 } } as const;
const question = { why: 'policy', now: null, ifYes: inWords, offers: [], offersInWords: '', planHash: 'p' };

describe('a hook that wants a person asked (R13, R14)', () => {
  const steps: readonly (readonly [CallPlan, object])[] = [
    [
      run,
      { step: 'ask', question: { why: 'a hook asks: look', ifYes: inWords, offers: [], planHash: 'h' }, then: run },
    ],
    [remote, { step: 'ask', question: { offers: [] }, then: remote }],
    [
      { step: 'ask', question, then: run },
      { step: 'ask', question: { why: 'policy; a hook asks: look', planHash: 'p' }, then: run },
    ],
    [
      { step: 'refuse', reason: 'no' },
      { step: 'refuse', reason: 'no' },
    ],
    [{ step: 'answer', output: 'x', succeeded: true }, { step: 'refuse' }],
    [{ step: 'talk', talk: { terminalId: 't', chars: '', yieldMs: 1, maxBytes: 1 } }, { step: 'refuse' }],
  ];
  it.each(steps)('makes of %o a question or a refusal, and nothing runs sooner', (plan, expected) => {
    expect(afterQuestion(plan, 'look', 'h')).toMatchObject(expected);
  });
});

it('a leaf that fell silent is a no where a hook is required', () => {
  const hooks = { beforeTool: { waitMs: 1, isRequired: true }, stop: { waitMs: 1, isRequired: false } };
  expect(unheard(hooks, 'beforeTool').verdict.kind).toBe('blocked');
  expect(unheard(hooks, 'stop').verdict.kind).toBe('passed');
  expect(unheard(undefined, 'stop').verdict.kind).toBe('passed');
});
