/** The bar that acts: only on a session that runs, only if the terminal allowed it, and never for a question that is over. */
import { computed, signal } from '@preact/signals';
import { command } from './load.ts';
import { mayAct, rows } from './store.ts';

interface Question {
  readonly approvalId: string;
  readonly planHash: string;
  readonly words: string;
}
type Plain = Readonly<Record<string, unknown>>;
const part = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Plain)[key] : undefined;

/** Asked and not answered, at the end of what is known; the cursor may be elsewhere. */
const questions = computed((): readonly Question[] => {
  const open = new Map<string, Question>();
  for (const { kind, type, body } of rows.value) {
    if (kind !== 'fact') continue;
    const approvalId = String(part(body, 'approvalId'));
    const question = part(body, 'question');
    if (type === 'approval.requested')
      open.set(approvalId, {
        approvalId,
        planHash: String(part(question, 'planHash')),
        words: JSON.stringify(part(body, 'view')),
      });
    if (type === 'approval.resolved') open.delete(approvalId);
  }
  return [...open.values()];
});
const isBusy = computed(() => {
  const last = rows.value.findLast(
    ({ kind, type }) => kind === 'fact' && /^turn\.(?:started|completed|failed|aborted)$/.test(type),
  );
  return last?.type === 'turn.started';
});
const answer = signal('');

const send = async (op: Plain): Promise<void> => {
  answer.value = await command({ id: crypto.randomUUID(), ...op });
};
const decide = ({ approvalId, planHash }: Question, kind: 'approve' | 'deny') =>
  send({ type: 'op.decide', approvalId, planHash, decision: { kind } });

export const Control = () => {
  if (!mayAct.value) return null;
  return (
    <section class="control" aria-label="Control">
      {questions.value.map((question) => (
        <span class="question">
          <code>{question.words}</code>
          <button type="button" onClick={() => void decide(question, 'approve')}>
            Approve
          </button>
          <button type="button" onClick={() => void decide(question, 'deny')}>
            Deny
          </button>
        </span>
      ))}
      <button
        type="button"
        disabled={!isBusy.value}
        title={isBusy.value ? '' : 'nothing runs'}
        onClick={() => void send({ type: 'op.interrupt' })}
      >
        Interrupt
      </button>
      <output>{answer.value}</output>
    </section>
  );
};
