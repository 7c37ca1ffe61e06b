/** The faults of asking the user's own programs. */
import type { Fault } from './faults.ts';

const CALL = 'call.hooks.ts';
const TURN = 'turn.hooks.ts';

export const FAULTS_HOOKS: readonly Fault[] = [
  {
    name: 'the no of a hook lets a tool run',
    file: CALL,
    from: "{ guard: blocked('beforeTool'), target: '#call.answered', actions: [hearBefore, refuse] },\n",
    to: '',
  },
  {
    name: 'a hook that asks for a person is a yes',
    file: CALL,
    from: "verdict.kind === 'asked' ? afterQuestion(plan, verdict.reason, `${turnId}/${callId}/hook`) : plan",
    to: "verdict.kind === 'asked' && turnId === callId ? afterQuestion(plan, verdict.reason, '') : plan",
  },
  {
    name: 'a required hook that is lost is a yes',
    file: CALL,
    from: "{ guard: required('beforeTool'), target: '#call.answered', actions: [hearBefore, refuse] },\n",
    to: '',
  },
  {
    name: 'an interrupt leaves the hook of a tool alone',
    file: CALL,
    from: "        'call.cancel': 'ending',\n      },\n      after: { beforeTime",
    to: '      },\n      after: { beforeTime',
  },
  {
    name: 'a hook of a question lives on after the answer',
    file: 'call.machine.ts',
    from: 'exit: hush,',
    to: '',
  },
  {
    name: 'the no of a hook leaves the question open',
    file: CALL,
    from: 'actions: [hearBeside, resolve, refuse]',
    to: 'actions: [hearBeside, refuse]',
  },
  {
    name: 'an objection after a tool is not told to the model',
    file: CALL,
    from: "...(of === 'afterTool' && verdict.kind === 'blocked' ? [objectionBy(verdict)] : []),",
    to: '',
  },
  {
    name: 'notes of hooks are forgotten',
    file: 'call.machine.ts',
    from: 'withNotes(answer.output, notes)',
    to: 'withNotes(answer.output, notes.slice(99))',
  },
  {
    name: 'the no of a hook lets a prompt pass',
    file: TURN,
    from: "{ guard: { type: 'hasBlocked', params: ({ event }) => ({ of: 'promptSubmit', ...event }) }, ...refuse },",
    to: '',
  },
  {
    name: 'words that a hook refused are lost',
    file: 'turn.words.ts',
    from: '[...words, ...pending].filter',
    to: '[...words.slice(99), ...pending].filter',
  },
  {
    name: 'words that a hook hears are lost with the turn',
    file: 'session.setup.ts',
    from: 'steered: settings.hooks?.promptSubmit === undefined ? context.steered : words,',
    to: 'steered: context.steered,',
  },
  {
    name: 'words for a turn that runs get by the hook',
    file: 'session.words.ts',
    from: 'turn !== null && isSteerable(turn.task) && settings.hooks?.promptSubmit === undefined',
    to: 'turn !== null && isSteerable(turn.task) && settings !== undefined',
  },
  {
    name: 'an interrupt leaves the hook of a turn alone',
    file: 'turn.setup.ts',
    from: "id === HOOK ? 'hook.cancel' : 'task.cancel'",
    to: "id === '' ? 'hook.cancel' : 'task.cancel'",
  },
  {
    name: 'a hook sends a turn on for ever',
    file: 'turn.setup.ts',
    from: "verdict.kind === 'blocked' && rounds < MAX_HOOK_ROUNDS,",
    to: "verdict.kind === 'blocked' && rounds < 10 * MAX_HOOK_ROUNDS,",
  },
  {
    name: 'a turn that is sent on does not know why',
    file: TURN,
    from: "{ type: 'context', about: 'hook', text: objectionBy(report.verdict) },\n",
    to: '',
  },
  {
    name: 'a close waits for the hook of the beginning',
    file: 'session.hooks.ts',
    from: "actions: [{ type: 'defer', params: ({ event }) => event }, sendTo('hook', { type: 'hook.cancel' })],",
    to: "actions: [{ type: 'defer', params: ({ event }) => event }],",
  },
  {
    name: 'what the hook of the beginning adds is forgotten',
    file: 'session.hooks.ts',
    from: 'enqueue.assign({ surroundings: [...context.surroundings, ...contextOf(report)] });',
    to: '',
  },
];
