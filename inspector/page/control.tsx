/** The bar that acts: only on a session that runs, only if the terminal allowed it, and never for a question that is over. */
import { computed, signal } from '@preact/signals';
import type { Possible } from '../acts.ts';
import { command } from './load.ts';
import { may, openTurn, possible, rows } from './store.ts';

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
    if (type === 'approval.requested') {
      const view = part(body, 'view');
      const words = [part(question, 'why'), part(view, 'command') ?? JSON.stringify(view)];
      open.set(approvalId, {
        approvalId,
        planHash: String(part(question, 'planHash')),
        words: words.filter((word) => typeof word === 'string').join(' · '),
      });
    }
    if (type === 'approval.resolved') open.delete(approvalId);
  }
  return [...open.values()];
});
const answer = signal('');
/** Words that go along: why not, what to say, what to review. */
const words = signal('');

const send = async (op: Plain): Promise<void> => {
  answer.value = '…';
  answer.value = await command(op);
  words.value = '';
};
/** Bound to what was shown: another plan under the same question is refused. */
const decide = ({ approvalId, planHash }: Question, decision: Plain) =>
  send({ type: 'op.decide', approvalId, planHash, decision });

const opOf = ({ type, needs }: Possible): Plain => {
  const turnId = openTurn.value;
  const own = type === 'op.steer' || type === 'op.interrupt' ? { turnId } : {};
  const turns = Math.max(1, Number(words.value) || 1);
  switch (needs) {
    case 'text':
      return { type, ...own, text: words.value };
    case 'target':
      return { type, target: words.value };
    case 'turns':
      return { type, turns };
    case null:
      return { type, ...own };
  }
};

const Send = ({ act }: { act: Possible }) => {
  const lacks =
    (act.needs === 'text' || act.needs === 'target') && words.value.trim() === '' ? 'write words first' : null;
  const reason = act.reason ?? lacks;
  return (
    <li>
      <button type="button" class="small" disabled={reason !== null} onClick={() => void send(opOf(act))}>
        {act.type.slice(3)}
      </button>
      {reason !== null && <small class="reason">{reason}</small>}
    </li>
  );
};

export const Control = () => {
  if (!may.value.act) return null;
  const interrupt = possible.value.find(({ type }) => type === 'op.interrupt');
  return (
    <section class="control" aria-label="Control">
      {questions.value.map((question) => (
        <span class="question" key={question.approvalId}>
          <code title={question.words}>{question.words}</code>
          <button type="button" onClick={() => void decide(question, { kind: 'approve' })}>
            Approve
          </button>
          <button
            type="button"
            onClick={() =>
              void decide(
                question,
                words.value.trim() === '' ? { kind: 'deny' } : { kind: 'deny', reason: words.value },
              )
            }
          >
            Deny{words.value.trim() === '' ? '' : ' with these words'}
          </button>
        </span>
      ))}
      <input
        type="text"
        class="words"
        aria-label="Words"
        placeholder="words: for a denial, a message, a review"
        value={words.value}
        onInput={(event) => (words.value = event.currentTarget.value)}
      />
      <button
        type="button"
        disabled={interrupt?.reason !== null}
        title={interrupt?.reason ?? ''}
        onClick={() => void send({ type: 'op.interrupt', turnId: openTurn.value })}
      >
        Interrupt
      </button>
      <details class="send">
        <summary>Send…</summary>
        <ul>
          {possible.value.map((act) => (
            <Send key={act.type} act={act} />
          ))}
        </ul>
      </details>
      <output>{answer.value}</output>
    </section>
  );
};
