/** What the words of hooks come to: for a plan, for an answer, for those who listen. A hook may only take away. Pure. */
import type { CallPlan } from '../sandbox/plan.ts';
import { CALL_PATIENCE_MS } from './deadlines.ts';
import type { HookName, HookPoints, HookReport, HookVerdict } from './hook.contract.ts';
import type { Item, PlanInWords, RuntimeEvent } from './protocol/index.ts';

/** The leaf keeps the time itself; this is for one that does not. Milliseconds. */
export const hookTimeOf = (hooks: HookPoints | undefined, hook: HookName): number =>
  (hooks?.[hook]?.waitMs ?? 0) + CALL_PATIENCE_MS;

export const UNHEARD = 'a required hook could not be asked';

/** Nobody knows what the hooks would have said. */
export const unheard = (hooks: HookPoints | undefined, hook: HookName): HookReport => ({
  type: 'hook.done',
  hook,
  verdict: hooks?.[hook]?.isRequired === true ? { kind: 'blocked', reason: UNHEARD } : { kind: 'passed' },
  context: '',
  warnings: [`the hooks of ${hook} did not answer`],
});

export const factsOf = (
  { hook, verdict, warnings }: HookReport,
  of: { readonly turnId?: string; readonly callId?: string } = {},
): readonly RuntimeEvent[] => [
  {
    type: 'hook.ran',
    ...{ hook, ...of, outcome: verdict.kind },
    ...('reason' in verdict ? { message: verdict.reason } : {}),
  },
  ...warnings.map((message) => ({ type: 'session.warned' as const, message })),
];

export const contextOf = ({ context }: Pick<HookReport, 'context'>): readonly Item[] =>
  context === '' ? [] : [{ type: 'context', about: 'hook', text: context }];

export const refusalBy = (verdict: HookVerdict): string =>
  `A hook of the user refused this${'reason' in verdict ? `: ${verdict.reason}` : ''}`;

export const objectionBy = (verdict: HookVerdict): string =>
  `A hook of the user objects${'reason' in verdict ? `: ${verdict.reason}` : ''}`;

/** What a yes would run, in words. */
const firstRun = (plan: CallPlan): PlanInWords => {
  if (plan.step === 'run') return plan.spawn.inWords;
  return plan.step === 'ask' ? firstRun(plan.then) : { backend: 'none', sandbox: 'outside of the sandbox' };
};

/** A question before the plan. What cannot be asked about is refused, and what is refused already stays so. */
export const afterQuestion = (plan: CallPlan, reason: string, planHash: string): CallPlan => {
  const why = `a hook asks: ${reason}`;
  const question = { why, now: null, ifYes: firstRun(plan), offers: [], offersInWords: '', planHash };
  switch (plan.step) {
    case 'run':
      return { step: 'ask', question, then: plan };
    case 'remote':
      return { step: 'ask', question, then: plan };
    case 'ask': // one question, for both reasons; what a yes grants is the policy's affair
      return { ...plan, question: { ...plan.question, why: `${plan.question.why}; ${why}` } };
    case 'talk':
    case 'answer':
      return { step: 'refuse', reason: `${why}; nobody can be asked about this` };
    case 'refuse':
      return plan;
  }
};

/** What the model reads behind the answer of a tool. */
export const withNotes = (output: string, notes: readonly string[]): string => [output, ...notes].join('\n\n');
