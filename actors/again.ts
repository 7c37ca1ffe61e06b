/**
 * The plan of a call that asked in a turn that was lost. It was made anew, by the rules of now. Nobody has said yes to it
 * yet, so nothing of it runs unasked, and what had run already does not run to be denied once more. Pure.
 */
import type { Again } from '../machines/leaves.ts';
import type { PlanInWords, Question } from '../machines/protocol/index.ts';
import type { CallPlan, ExecPlan } from '../sandbox/plan.ts';
import { hashOf } from '../sandbox/hash.ts';

const WHY =
  'You were asked about this before the runtime was lost, and had not answered. By the rules of now it would not be asked.';
const OUTSIDE: PlanInWords = { backend: 'mcp', sandbox: 'outside of any sandbox, where the server runs' };

const question = (then: Parameters<typeof hashOf>[0], ifYes: PlanInWords): Question => ({
  ...{ why: WHY, now: null, ifYes, offers: [], offersInWords: '' },
  planHash: hashOf(then),
});

/** What is asked once the first attempt was denied; null: nothing is. */
const afterFirst = (plan: CallPlan): ExecPlan | null => {
  if (plan.step === 'ask') return afterFirst(plan.then);
  return plan.step === 'run' && plan.ifDenied?.step === 'ask' ? plan.ifDenied : null;
};

export const askedAgain = (plan: CallPlan, { cause }: Again): CallPlan => {
  const second = cause === undefined ? null : afterFirst(plan);
  if (second !== null) return second;
  switch (plan.step) {
    case 'run':
      return { step: 'ask', question: question(plan, plan.spawn.inWords), then: plan };
    case 'remote':
      return { step: 'ask', question: question(plan, OUTSIDE), then: plan };
    case 'talk':
      return { step: 'refuse', reason: 'It was asked about before the runtime was lost, and cannot be asked again.' };
    case 'ask':
    case 'answer':
    case 'refuse':
      return plan;
  }
};
