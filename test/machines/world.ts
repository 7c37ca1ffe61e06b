/**
 * The real tree of machines (session, turn, task, calls) over puppets, with time that stands still. Everything that is
 * left to chance is a choice with a stable name; everything that can be seen is kept.
 */
import { createActor, type AnyActorRef, type InspectionEvent } from 'xstate';
import type { Op, RuntimeEvent } from '../../machines/protocol/index.ts';
import type { SessionState } from '../../machines/session.contract.ts';
import { COMPACT_AT, reportsOf, WINDOW } from './choices.ts';
import { createClock } from './clock.ts';
import { pathOf, setStage, stagedSession, type Puppet } from './puppets.ts';

export interface Choice {
  readonly name: string;
  readonly run: () => void;
}

export type Seen =
  | { readonly kind: 'op'; readonly op: Op; readonly state: SessionState }
  | { readonly kind: 'fact'; readonly fact: RuntimeEvent }
  | { readonly kind: 'born'; readonly puppet: Puppet }
  | { readonly kind: 'step'; readonly name: string };

type Told = Op extends infer O ? (O extends { id: string } ? Omit<O, 'id'> : never) : never;

export const createWorld = ({
  inspect,
  isAttended = true,
}: { inspect?: (event: InspectionEvent) => void; isAttended?: boolean } = {}) => {
  const time = createClock();
  const puppets = new Set<Puppet>();
  const seen: Seen[] = [];
  const questions: { approvalId: string }[] = [];
  const errors: unknown[] = [];
  const count = { ops: 0 };

  const actor = createActor(stagedSession, {
    id: 'session',
    clock: time.clock,
    ...(inspect === undefined ? {} : { inspect }),
    input: {
      threadId: 'thread',
      cwd: '/',
      model: 'm',
      provider: 'p',
      approvalPolicy: 'onRequest',
      windowSize: WINDOW,
      settings: { isAttended, compactAt: COMPACT_AT, maxAttempts: 3 },
      remembered: null,
    },
  });
  setStage(actor.system, {
    born: (puppet) => {
      puppets.add(puppet);
      seen.push({ kind: 'born', puppet });
    },
    gone: (puppet) => void puppets.delete(puppet),
    publish: (fact) => {
      seen.push({ kind: 'fact', fact });
      if (fact.type === 'approval.requested') questions.push({ approvalId: fact.approvalId });
    },
    sweep: () => undefined,
  });
  actor.subscribe({ error: (error) => void errors.push(error) });
  actor.start();

  const snapshot = () => actor.getSnapshot();
  const stateOf = (): SessionState => {
    const { value } = snapshot();
    return typeof value === 'string' ? value : value.busy;
  };
  const isOver = (): boolean => snapshot().status !== 'active';
  const tell = (told: Told): string => {
    const id = `op-${++count.ops}`;
    const op = { ...told, id } as Op;
    seen.push({ kind: 'op', op, state: stateOf() });
    actor.send(op);
    return id;
  };

  const ops = (): readonly (readonly [string, Told])[] => {
    const turnId = snapshot().context.turn?.turnId ?? 'turn-1';
    const decide = (approvalId: string, kind: 'approve' | 'approveForSession' | 'deny' | 'abort') =>
      ({ type: 'op.decide', approvalId, decision: { kind } }) as const;
    const asked = questions
      .slice(-3)
      .flatMap(({ approvalId }, n) => [
        [`approves ${n}`, decide(approvalId, 'approve')] as const,
        [`denies ${n}`, decide(approvalId, 'deny')] as const,
        [`grants ${n}`, decide(approvalId, 'approveForSession')] as const,
        [`aborts ${n}`, decide(approvalId, 'abort')] as const,
        [`mistakes ${n}`, { ...decide(approvalId, 'approve'), planHash: 'another' }] as const,
      ]);
    return [
      ['say', { type: 'op.say', text: 'do' }],
      ['steer', { type: 'op.steer', text: 'left', turnId }],
      ['preempt', { type: 'op.steer', text: 'now', turnId, policy: 'preempt' }],
      ['queue', { type: 'op.queue', text: 'later' }],
      ['interrupt', { type: 'op.interrupt' }],
      ['compact', { type: 'op.compact' }],
      ['shell', { type: 'op.shell', command: 'ls' }],
      ['shell hidden', { type: 'op.shell', command: 'ls', hidden: true }],
      ['steer wrong', { type: 'op.steer', text: 'left', turnId: 'turn-0' }],
      ['interrupt wrong', { type: 'op.interrupt', turnId: 'turn-0' }],
      ['say nothing', { type: 'op.say', text: ' ' }],
      ['rewind', { type: 'op.rewind', turns: 1 }],
      ['decide unknown', decide('nobody', 'approve')],
      ['close', { type: 'op.close' }],
      ...asked,
    ];
  };

  /** The machines below the session, by path. */
  const machines = (from: AnyActorRef = actor): readonly AnyActorRef[] =>
    Object.values(from.getSnapshot().children as Record<string, AnyActorRef | undefined>).flatMap((child) =>
      child !== undefined && 'machine' in child.getSnapshot() ? [child, ...machines(child)] : [],
    );

  const report = (puppet: Puppet, name: string): boolean => {
    const found = reportsOf(puppet).find(([known]) => known === name);
    if (found === undefined) return false;
    puppet.report(found[1]);
    return true;
  };

  const enabled = (): readonly Choice[] => {
    if (isOver()) return [];
    const reports = [...puppets].flatMap((puppet) =>
      reportsOf(puppet).map(([name, event]) => ({ name: `${puppet.path} ${name}`, run: () => puppet.report(event) })),
    );
    const timers = time.pending() > 0 ? [{ name: 'tick', run: () => void time.tick() }] : [];
    return [...reports, ...timers, ...ops().map(([name, op]) => ({ name, run: () => void tell(op) }))];
  };

  const take = (choice: Choice): void => {
    seen.push({ kind: 'step', name: choice.name });
    choice.run();
  };

  return {
    actor,
    seen,
    errors,
    time,
    enabled,
    take,
    /** Takes the choice of that name; a name that cannot be chosen now is a mistake in the story. */
    play: (...names: readonly string[]): void => {
      for (const name of names) {
        const choice = enabled().find((known) => known.name === name);
        if (choice === undefined)
          throw new Error(
            `"${name}" is not possible; ${enabled()
              .map((c) => c.name)
              .join(', ')}`,
          );
        take(choice);
      }
    },
    report,
    tell,
    state: stateOf,
    isOver,
    machines,
    pathOf,
    context: () => snapshot().context,
    live: (): readonly Puppet[] => [...puppets],
    facts: (): readonly RuntimeEvent[] => seen.flatMap((one) => (one.kind === 'fact' ? [one.fact] : [])),
  };
};
export type World = ReturnType<typeof createWorld>;
