/**
 * When two worlds are the same to whoever walks them: the states of all machines, what of their contexts decides
 * anything, who lives and what they were told, and the timers.
 *
 * Names (of ops, calls, questions) count as one another, long lists as their beginning, counters up to a few. What is
 * left out can matter only after many steps more; the stories of chance go there.
 */
import type { Item } from '../../machines/protocol/index.ts';
import { unanswered } from '../../machines/history.ts';
import type { Books } from './books.ts';
import { COMPACT_AT } from './choices.ts';
import type { World } from './world.ts';

const MANY = 2;
const few = (n: number): number => Math.min(n, MANY);

const itemsOf = (items: readonly Item[]): unknown => [
  items.length > 0,
  items.some((item) => item.type === 'user'),
  items.some((item) => item.type === 'user' && item.text.length > COMPACT_AT),
  few(unanswered(items).length),
  items.at(-1)?.type === 'agent',
];

const IRRELEVANT: ReadonlySet<string> = new Set(
  `threadId cwd model provider approvalPolicy windowSize settings surroundings attempt requests turns turnId view
  stopped spentMs aids callId approvalId inputId id text planHash subject outputSchema undelivered tool args ran output
  key slot elapsedMs`.split(/\s+/),
);

const stepsOf = (plan: unknown): string => {
  if (typeof plan !== 'object' || plan === null || !('step' in plan)) return '';
  const next = 'then' in plan ? plan.then : 'ifDenied' in plan ? plan.ifDenied : null;
  return `${String(plan.step)}${'ifRefused' in plan ? '!' : ''} ${stepsOf(next)}`;
};

const SPECIAL: Readonly<Record<string, (value: never) => unknown>> = {
  history: itemsOf,
  items: itemsOf,
  accounting: ({ window }: { window: { used: number; full: boolean } }) => [window.full, window.used >= COMPACT_AT],
  grants: (grants: readonly unknown[]) => grants.length > 0,
  plan: stepsOf,
  error: (error: { kind: string } | null) => error?.kind ?? null,
  answer: ({ status }: { status: string }) => status,
  summary: (summary: string) => summary.trim() !== '',
};

/** What of a context decides something. A key that nobody knew when this was written is looked at as it is. */
const essence = (value: unknown): unknown => {
  if (typeof value === 'number') return few(value);
  if (Array.isArray(value)) return value.slice(0, MANY).map(essence);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).flatMap(([key, part]) => {
    if (IRRELEVANT.has(key)) return [];
    const special = SPECIAL[key];
    return [special === undefined ? essence(part) : special(part as never)];
  });
};

export const keyOf = (world: World, books: Books): string => {
  const machines = [world.actor, ...world.machines()].map((machine) => {
    const { value, status, context } = machine.getSnapshot() as { value: unknown; status: string; context: unknown };
    return [world.pathOf(machine), status === 'active' ? value : status, essence(context)];
  });
  const live = world.live().map(({ path, commands, input }) => {
    const { purpose = '' } = input as { purpose?: string };
    return [path, purpose, commands.length];
  });
  const [first = 0, ...later] = world.time.dues();
  const dues = later.map((due) => due - first);
  return JSON.stringify([machines, live, dues, world.time.pending(), books.summary()]);
};
