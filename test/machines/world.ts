/**
 * The real tree of machines (session, turn, task, calls) over puppets, with time that stands still. Everything that is
 * left to chance is a choice with a stable name; everything that can be seen is kept.
 */
import { createActor, type AnyActorRef, type EventObject, type InspectionEvent } from 'xstate';
import { HOOKS, type HookPoints } from '../../machines/hook.contract.ts';
import { newAccounting, type Op, type RuntimeEvent } from '../../machines/protocol/index.ts';
import type { Remembered, SessionState } from '../../machines/session.contract.ts';
import { breakOf } from './breaks.ts';
import { createLines } from './lines.ts';
import { COMPACT_AT, reportsOf, SERVER, WINDOW } from './choices.ts';
import { createClock } from './clock.ts';
import { opsOf, type Told } from './ops.ts';
import { pathOf, setStage, stagedSession, type Puppet } from './puppets.ts';

/** Small, so that stories come to the end of it. */
export const MAX_ATTEMPTS = 3;

export interface Choice {
  readonly name: string;
  readonly run: () => void;
}

export type Seen =
  | { readonly kind: 'op'; readonly op: Op; readonly state: SessionState; readonly turnId: string | null }
  | { readonly kind: 'fact'; readonly fact: RuntimeEvent }
  | { readonly kind: 'born'; readonly puppet: Puppet }
  | { readonly kind: 'step'; readonly name: string };

export interface WorldOptions {
  readonly inspect?: ((event: InspectionEvent) => void) | undefined;
  readonly isAttended?: boolean | undefined;
  /** Whether it has a server of tools. */
  readonly servers?: 'none' | 'one' | undefined;
  /** Whether programs of the user's are asked, at every place or at the end of a turn; `required`: and must answer. */
  readonly hooks?: keyof typeof HOOKED | undefined;
  /** What a former process left: nothing, a question that is asked again, or words that wait. */
  readonly before?: keyof typeof BEFORE | undefined;
  /** `channels`: what a leaf says is on its way for a while; each has a line of its own, and they overtake one another. */
  readonly delivery?: 'atOnce' | 'channels' | undefined;
  readonly chart?: typeof stagedSession | undefined;
  /** Told of each fact in the moment in which it is published. */
  readonly onFact?: ((fact: RuntimeEvent) => void) | undefined;
}

export const SESSION_INPUT = {
  threadId: 'thread',
  cwd: '/',
  model: 'm',
  provider: 'p',
  approvalPolicy: 'onRequest',
  windowSize: WINDOW,
  settings: { isAttended: true, compactAt: COMPACT_AT, maxAttempts: MAX_ATTEMPTS },
} as const;

const SERVERS = { none: {}, one: { servers: [{ server: SERVER, startupMs: 10_000 }] } } as const;

const point = (isRequired: boolean) => ({ waitMs: 60_000, isRequired });
const everywhere = (isRequired: boolean): HookPoints =>
  Object.fromEntries(HOOKS.map((hook) => [hook, point(isRequired)]));
export const HOOKED = {
  none: {},
  all: { hooks: everywhere(false) },
  required: { hooks: everywhere(true) },
  stop: { hooks: { stop: point(false) } },
} as const;

const NOTHING = { accounting: newAccounting(WINDOW), grants: [], turns: 1, undelivered: [] };
const LEFT = [
  { inputId: 'left-1', text: 'left' },
  { inputId: 'left-2', text: 'left' },
];
const CALL = { callId: 'asked', tool: 'shell', args: '{}' };
const BEFORE = {
  nothing: null,
  question: {
    ...NOTHING,
    history: [
      { type: 'user', text: 'before' },
      { type: 'call', ...CALL },
    ],
    queue: LEFT,
    continues: { turnId: 'turn-1', calls: [{ ...CALL, times: 1 }] },
  },
  words: { ...NOTHING, history: [{ type: 'user', text: 'before' }], queue: LEFT },
} as const satisfies Readonly<Record<string, Remembered | null>>;

export const createWorld = ({
  inspect,
  isAttended = true,
  servers = 'none',
  hooks = 'none',
  before = 'nothing',
  delivery = 'atOnce',
  chart = stagedSession,
  onFact,
}: WorldOptions = {}) => {
  const time = createClock();
  const puppets = new Set<Puppet>();
  const seen: Seen[] = [];
  const questions: string[] = [];
  const lines = createLines();
  const errors: unknown[] = [];
  const count = { ops: 0 };

  const actor = createActor(chart, {
    id: 'session',
    clock: time.clock,
    ...(inspect === undefined ? {} : { inspect }),
    input: {
      ...SESSION_INPUT,
      settings: { ...SESSION_INPUT.settings, isAttended, ...HOOKED[hooks] },
      ...SERVERS[servers],
      remembered: BEFORE[before],
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
      onFact?.(fact);
      if (fact.type === 'approval.requested') questions.push(fact.approvalId);
    },
    sweep: () => undefined,
  });
  actor.subscribe({ error: (error) => void errors.push(error) });
  actor.start();

  const snapshot = () => actor.getSnapshot();
  const stateOf = (): SessionState => {
    const { value } = snapshot();
    if (typeof value === 'string') return value;
    return 'busy' in value ? value.busy : 'idle';
  };
  const isOver = (): boolean => snapshot().status !== 'active';
  const tell = (told: Told): string => {
    const id = `op-${++count.ops}`;
    const op = { ...told, id } as Op;
    seen.push({ kind: 'op', op, state: stateOf(), turnId: snapshot().context.turn?.turnId ?? null });
    actor.send(op);
    return id;
  };

  /** The machines below the session, by path. */
  const machines = (from: AnyActorRef = actor): readonly AnyActorRef[] =>
    Object.values(from.getSnapshot().children as Record<string, AnyActorRef | undefined>).flatMap((child) =>
      child !== undefined && 'machine' in child.getSnapshot() ? [child, ...machines(child)] : [],
    );

  const say = (puppet: Puppet, event: EventObject): void =>
    delivery === 'atOnce' ? puppet.report(event) : lines.put(puppet.path, () => puppet.arrive(event));

  const report = (puppet: Puppet, name: string): boolean => {
    const found = reportsOf(puppet).find(([known]) => known === name);
    if (found === undefined) return false;
    puppet.report(found[1]);
    return true;
  };

  const enabled = (): readonly Choice[] => {
    if (isOver()) return [];
    const reports = [...puppets].flatMap((puppet) => [
      ...reportsOf(puppet).map(([name, event]) => ({ name: `${puppet.path} ${name}`, run: () => say(puppet, event) })),
      { name: `${puppet.path} crashes`, run: puppet.crash },
    ]);
    const arrivals = lines.waiting().map((path) => ({ name: `${path} arrives`, run: () => lines.take(path) }));
    const broken = machines().flatMap((machine) => {
      const event = machine.getSnapshot().status === 'active' ? breakOf(machine) : null;
      return event === null ? [] : [{ name: `${pathOf(machine)} breaks`, run: () => machine.send(event) }];
    });
    const timers = time.pending() > 0 ? [{ name: 'tick', run: () => void time.tick() }] : [];
    const turnId = snapshot().context.turn?.turnId ?? 'turn-1';
    const ops = opsOf(turnId, questions).map(([name, op]) => ({ name, run: () => void tell(op) }));
    return [...reports, ...arrivals, ...broken, ...timers, ...ops];
  };

  /** The choice of that name, without a look at all the others; false: it is not possible now. */
  const act = (name: string): boolean => {
    seen.push({ kind: 'step', name });
    const at = name.lastIndexOf(' ');
    const puppet = [...puppets].find(({ path }) => path === name.slice(0, at));
    const known = puppet && reportsOf(puppet).find(([word]) => word === name.slice(at + 1));
    if (puppet !== undefined && known !== undefined) say(puppet, known[1]);
    else {
      const choice = enabled().find((one) => one.name === name);
      if (choice === undefined) return false;
      choice.run();
    }
    return true;
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
    act,
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
    /** What the session was given at birth. */
    before: BEFORE[before] as Remembered | null,
    facts: (): readonly RuntimeEvent[] => seen.flatMap((one) => (one.kind === 'fact' ? [one.fact] : [])),
  };
};
export type World = ReturnType<typeof createWorld>;
