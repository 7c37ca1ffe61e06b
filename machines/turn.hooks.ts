/**
 * What a turn does with the hooks of its prompt and of its end. Their leaf is one of its children: an interrupt ends it, and
 * waits for it, as it does with tasks. Without hooks none of these states is entered.
 */
import { factsOf, contextOf, objectionBy, refusalBy, unheard } from './hook.words.ts';
import type { HookInput, HookName, HookReport } from './hook.contract.ts';
import { estimateTokens, lastAgentMessage } from './history.ts';
import { toParent } from './kit.ts';
import { MAX_HOOK_ROUNDS } from './limits.ts';
import { countItems } from './protocol/usage.ts';
import type { Item } from './protocol/index.ts';
import { asItem } from './tasks/steered.ts';
import type { TurnContext } from './turn.contract.ts';
import { HOOK, turn } from './turn.setup.ts';

type Heard = { readonly event: HookReport };
type Happened = { readonly context: TurnContext; readonly event: HookReport | { readonly type: string } };

const reportIn = ({ context, event }: Happened, hook: HookName): HookReport =>
  'verdict' in event ? event : unheard(context.settings.hooks, hook);

const start = (inputOf: (context: TurnContext) => HookInput) =>
  turn.enqueueActions(({ enqueue, context }) => {
    enqueue.assign({ running: [...context.running, HOOK] });
    enqueue.spawnChild('hook', { id: HOOK, input: inputOf(context) });
  });
const askPrompt = start(({ turnId, words }) => ({
  ...{ hook: 'promptSubmit', turnId },
  prompt: words.map(({ text }) => text).join('\n\n'),
}));
const askEnd = start(({ turnId, items, rounds }) => ({
  ...{ hook: 'stop', turnId, round: rounds },
  lastAgentMessage: lastAgentMessage(items),
}));

/** Tells what the hooks said, and takes their leaf out of the books. A leaf that fell silent has said nothing. */
export const hear = (hook: HookName) =>
  turn.enqueueActions(({ enqueue, context, event }) => {
    const { turnId, running } = context;
    for (const fact of factsOf(reportIn({ context, event }, hook), { turnId }))
      enqueue({ type: 'publish', params: fact });
    enqueue.assign({ running: running.filter((id) => id !== HOOK) });
    enqueue.stopChild(HOOK);
  });
const [hearPrompt, hearEnd] = [hear('promptSubmit'), hear('stop')];

const remember = (of: (happened: Happened) => Partial<TurnContext> & { readonly more: readonly Item[] }) =>
  turn.enqueueActions(({ enqueue, context, event }) => {
    const { more, ...change } = of({ context, event });
    if (more.length === 0) return;
    enqueue.assign({ ...change, items: [...context.items, ...more] });
    enqueue({ type: 'publish', params: { type: 'items.recorded', turnId: context.turnId, items: more } });
    enqueue.sendTo(toParent, { type: 'turn.recorded', items: more });
  });

/** The words are the turn's from here on; they were counted when it began. */
const takeWords = remember(({ context, event }) => {
  const added = contextOf(reportIn({ context, event }, 'promptSubmit'));
  const accounting = countItems(context.accounting, estimateTokens(added));
  return { words: [], accounting, more: [...context.words.map(asItem), ...added] };
});

/** It was to be over, and is not. */
const goOn = remember(({ context, event }) => {
  const report = reportIn({ context, event }, 'stop');
  const more: readonly Item[] = [
    { type: 'context', about: 'hook', text: objectionBy(report.verdict) },
    ...contextOf(report),
  ];
  return { rounds: context.rounds + 1, accounting: countItems(context.accounting, estimateTokens(more)), more };
});

const tellSpent = turn.enqueueActions(({ enqueue, event }) => {
  if (event.type !== 'hook.done' || event.verdict.kind !== 'blocked') return;
  const message = `a hook sent this turn on ${MAX_HOOK_ROUNDS} times; it is over all the same`;
  enqueue({ type: 'publish', params: { type: 'session.warned', message } });
});

const reject = [
  {
    type: 'keepError' as const,
    params: (happened: Happened) => ({
      kind: 'blockedByHook' as const,
      message: refusalBy(reportIn(happened, 'promptSubmit').verdict),
    }),
  },
  { type: 'fix' as const, params: 'failed' as const },
];

const said = (of: HookName) => ({
  type: 'isOf' as const,
  params: ({ event: { hook } }: Heard) => ({ of, hook }),
});
const interrupt = {
  target: 'aborting',
  actions: {
    type: 'keepReason' as const,
    params: ({ event }: { event: { readonly reason: TurnContext['reason'] } }) => event.reason,
  },
};
const keep = {
  actions: {
    type: 'keepPending' as const,
    params: ({ event }: { event: { readonly steer: TurnContext['pending'][number] } }) => event.steer,
  },
};

const take = { target: '#turn.active', reenter: true, actions: [hearPrompt, takeWords] };
const refuse = { target: 'attending', actions: [hearPrompt, ...reject] };
const unheardPrompt = [{ guard: { type: 'isRequired' as const, params: 'promptSubmit' as const }, ...refuse }, take];

export const hooking = turn.createStateConfig({
  entry: askPrompt,
  on: {
    'hook.done': [
      { guard: { type: 'hasBlocked', params: ({ event }) => ({ of: 'promptSubmit', ...event }) }, ...refuse },
      { guard: said('promptSubmit'), ...take },
    ],
    'xstate.error.actor.hook': unheardPrompt,
    'turn.steer': keep,
    'turn.interrupt': interrupt,
  },
  after: { promptTime: unheardPrompt },
});

const over = { target: 'attending', actions: [hearEnd, { type: 'fix' as const, params: 'completed' as const }] };

export const checking = turn.createStateConfig({
  entry: askEnd,
  on: {
    'hook.done': [
      {
        guard: { type: 'sendsOn', params: ({ event }) => event },
        target: '#turn.active',
        reenter: true,
        actions: [hearEnd, goOn],
      },
      { guard: said('stop'), ...over, actions: [...over.actions, tellSpent] },
    ],
    'xstate.error.actor.hook': over,
    'turn.steer': keep,
    'turn.interrupt': interrupt,
  },
  after: { stopTime: over },
});
