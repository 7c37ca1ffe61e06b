/**
 * A session as its clients see it: ops in, facts out. A façade over one actor and nothing else: it decides nothing.
 */
import { defaultIfEmpty, filter, firstValueFrom, map, take } from 'rxjs';
import { waitFor, type ActorRefFrom } from 'xstate';
import { Op, type Delta, type RuntimeEvent, type Stamped } from '../machines/protocol/index.ts';
import type { SessionState } from '../machines/session.contract.ts';
import { inWords, refusal } from '../machines/session.words.ts';
import type { Bus } from './bus.ts';
import type { Reply, Session, SessionView } from './contract.ts';
import type { WiredSession } from './wiring.ts';

type SessionActor = ActorRefFrom<WiredSession>;

const stateOf = (actor: SessionActor): SessionState => {
  const snapshot = actor.getSnapshot();
  if (snapshot.status !== 'active') return 'closed';
  const { value } = snapshot;
  if (typeof value === 'string') return value;
  return 'busy' in value ? value.busy : 'idle';
};

const isReply = (opId: string) => (event: Stamped<RuntimeEvent | Delta>) =>
  (event.type === 'op.accepted' || event.type === 'op.refused') && event.opId === opId;

const asReply = (event: Stamped<RuntimeEvent | Delta>): Reply => {
  if (event.type === 'op.refused')
    return { kind: 'refused', opId: event.opId, reason: event.reason, message: event.message };
  if (event.type === 'op.accepted') return { kind: 'accepted', opId: event.opId, turnId: event.turnId };
  throw new Error(`${event.type} is no reply`);
};

const refused = (opId: string, reason: Extract<Reply, { kind: 'refused' }>['reason'], message: string): Reply => ({
  kind: 'refused',
  opId,
  reason,
  message,
});

export interface SessionDeps {
  readonly id: string;
  readonly actor: SessionActor;
  readonly bus: Bus;
  /** A fact is being handed out right now, which means that a machine is in the middle of a step. */
  readonly isTelling: () => boolean;
  /** Unknown events of the model's stream, counted. */
  readonly skipped: () => Readonly<Record<string, number>>;
  readonly journal: string | null;
  /** Called once, after the last fact. */
  readonly release: () => Promise<void>;
  readonly newId: () => string;
}

export const createSession = ({
  id,
  actor,
  bus,
  isTelling,
  skipped,
  journal,
  release,
  newId,
}: SessionDeps): Session => {
  /**
   * An op that answers a fact is heard after the step that told it: one step at a time is what the journal writes down,
   * and every listener sees the facts in one order.
   */
  const late: Op[] = [];
  const send = (op: Op): void => {
    if (!isTelling() && late.length === 0) return actor.send(op);
    if (late.push(op) > 1) return;
    queueMicrotask(() => {
      for (let next = late[0]; next !== undefined; late.shift(), next = late[0]) actor.send(next);
    });
  };

  const submit = (op: Op): Promise<Reply> => {
    const parsed = Op.safeParse(op);
    if (!parsed.success) {
      const opId = typeof op?.id === 'string' ? op.id : '';
      const [issue] = parsed.error.issues;
      return Promise.resolve(refused(opId, 'unknownOp', `${issue?.path.join('.') || 'type'}: ${issue?.message}`));
    }
    if (stateOf(actor) === 'closed') return Promise.resolve(refused(op.id, 'closed', inWords('closed')));
    const reply = firstValueFrom(
      bus.live.pipe(
        filter(isReply(op.id)),
        take(1),
        map(asReply),
        defaultIfEmpty(refused(op.id, 'closed', inWords('closed'))),
      ),
    );
    send(op);
    return reply;
  };

  const ending = { promise: null as Promise<void> | null };
  const end = async (): Promise<void> => {
    if (stateOf(actor) !== 'closed') {
      void submit({ type: 'op.close', id: newId() });
      await waitFor(actor, ({ status }) => status !== 'active');
    }
    await release();
  };
  const close = () => (ending.promise ??= end());

  return {
    id,
    journal,
    submit,
    events: bus.events,
    can: (op) => refusal(stateOf(actor), actor.getSnapshot().context, op),
    view: (): SessionView => {
      const { context } = actor.getSnapshot();
      const state = stateOf(actor);
      const waiting = [...context.held, ...context.queue];
      return {
        state: state === 'running' ? 'busy' : state === 'hooking' ? 'starting' : state,
        turnId: context.turn?.turnId ?? null,
        history: context.history,
        grants: context.grants,
        queued: waiting.map(({ inputId, text }) => ({ inputId, text })),
        skipped: skipped(),
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};
