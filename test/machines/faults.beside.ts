/** The faults of what runs beside a conversation, or apart from it: background terminals, reviews, hooks and servers. */
import { FAULTS_HOOKS } from './faults.hooks.ts';
import { FAULTS_SERVERS } from './faults.servers.ts';
import type { Fault } from './faults.ts';

const TERMINAL = 'terminal.machine.ts';
const OWNER = 'session.terminals.ts';
const REVIEW = 'tasks/review.machine.ts';
const REVIEW_SETUP = 'tasks/review.setup.ts';

export const FAULTS_BESIDE: readonly Fault[] = [
  {
    name: 'a terminal waits for ever for its process',
    file: TERMINAL,
    from: "after: { patience: { target: 'gone', actions: end } },",
    to: '',
  },
  {
    name: 'a terminal that is stopped leaves its process alone',
    file: TERMINAL,
    from: "entry: sendTo('watch', { type: 'watch.end' }),",
    to: '',
  },
  {
    name: 'a terminal that ended is told to end once more',
    file: TERMINAL,
    from: "'watch.ended': { target: 'gone', actions: end },",
    to: "'watch.ended': { target: 'gone', actions: [end, end] },",
  },
  {
    name: 'a broken terminal tells no end',
    file: OWNER,
    from: "if (isLost && phase !== 'ended')",
    to: "if (isLost && phase === 'ended')",
  },
  {
    name: 'last words that were read are kept for ever',
    file: OWNER,
    from: "if (how === 'read') enqueue.sendTo(terminalActorOf(terminalId), { type: 'terminal.forget' });",
    to: '',
  },
  {
    name: 'a terminal that is gone stays in the books',
    file: OWNER,
    from: 'terminals: context.terminals.filter((terminal) => terminal !== gone),',
    to: 'terminals: context.terminals,',
  },
  {
    name: 'a shutdown leaves the terminals alone',
    file: 'session.machine.ts',
    from: 'entry: [stopTerminals, stopServers],',
    to: 'entry: stopServers,',
  },
  {
    name: 'terminals are lost without a word',
    file: OWNER,
    from: "if (phase !== 'ended')\n      enqueue({ type: 'publish', params: { type: 'terminal.ended', terminalId, status: 'unknown' } });\n  }",
    to: '}',
  },
  {
    name: 'a terminal that came too late is not stopped',
    file: 'session.machine.ts',
    from: "'turn.used': { actions: [useTerminal, stopTerminals] },",
    to: '',
  },
  {
    name: 'a yield is not heard while it is cancelled',
    file: 'call.machine.ts',
    from: "on: {\n            'exec.yielded': yielded,",
    to: 'on: {',
  },
  {
    name: 'a terminal that has nothing to say is waited for for ever',
    file: 'call.machine.ts',
    from: "entry: sendTo('talk', { type: 'talk.read' }),\n          after: { patience: { target: '#call.cancelled', actions: 'abort' } },",
    to: "entry: sendTo('talk', { type: 'talk.read' }),",
  },
  {
    name: 'the reviewer reads the conversation',
    file: REVIEW_SETUP,
    from: "(item) => item.type === 'context' && (item.about === 'instructions' || item.about === 'environment')",
    to: '() => true',
  },
  {
    name: 'what a reviewer does is recorded',
    file: REVIEW,
    from: "'task.recorded': { actions: { type: 'keepSaid', params: ({ event }) => event.items } },",
    to: "'task.recorded': { actions: [{ type: 'keepSaid', params: ({ event }) => event.items }, up] },",
  },
  {
    name: 'a review begins in silence',
    file: REVIEW,
    from: '  entry: enter,\n',
    to: '',
  },
  {
    name: 'a review does not stop its reviewer',
    file: REVIEW,
    from: "entry: sendTo('regular', { type: 'task.cancel' }),",
    to: '',
  },
  {
    name: 'the will of a review outlives it',
    file: REVIEW_SETUP,
    from: "fact: { type: 'review.exited', turnId, review: found },\n    will: null,",
    to: "fact: { type: 'review.exited', turnId, review: found },\n    will: { fact: { type: 'review.exited', turnId, review: null }, items: [] },",
  },
  {
    name: 'findings are not told to the conversation',
    file: REVIEW_SETUP,
    from: "enqueue.sendTo(toParent, { type: 'task.recorded', items: finished(target, found) });",
    to: '',
  },
  {
    name: 'a review is condensed for ever',
    file: REVIEW_SETUP,
    from: 'context.condensings < MAX_CONDENSINGS',
    to: 'context.condensings <= MAX_CONDENSINGS + 1_000',
  },
  {
    name: 'questions of a reviewer are not passed on',
    file: REVIEW,
    from: "'task.asked': { actions: up },",
    to: '',
  },
  {
    name: 'what a broken reviewer had started lives on',
    file: REVIEW_SETUP,
    from: 'for (const orphan of orphansOf(self, event.actorId)) enqueue.sendTo(orphan, END);',
    to: '',
  },
  {
    name: 'a review fills the window of the conversation',
    file: REVIEW_SETUP,
    from: 'accounting: { ...mine, window }',
    to: 'accounting: mine',
  },
  {
    name: 'a review that is stopped stays open',
    file: 'turn.setup.ts',
    from: 'if (will !== null) {',
    to: 'if (will === undefined) {',
  },
  {
    name: 'a review whose turn is lost stays open',
    file: 'session.loss.ts',
    from: 'if (will !== null) say(will.fact);',
    to: '',
  },
  {
    name: 'what a shell printed is not told',
    file: 'turn.setup.ts',
    from: "enqueue.sendTo('task', { type: 'task.steer', steer: left, policy: 'boundary' });",
    to: '',
  },
  ...FAULTS_HOOKS,
  ...FAULTS_SERVERS,
];
