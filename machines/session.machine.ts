/**
 * A session: it owns what is remembered, and it is the only one who answers a client.
 *
 *   session
 *   ├─ starting             child: open; ops wait
 *   ├─ hooking              child: hook; the user's own programs hear of the beginning; ops wait
 *   ├─ idle                 nothing runs; a turn that was lost while it asked goes on, else what still waits starts the next
 *   │  ├─ resting           nothing waits
 *   │  └─ holding           words of before a loss wait until the user says something, or takes them back
 *   ├─ rewinding            child: restore; files are brought back, ops wait
 *   ├─ busy                 child: turn
 *   │  ├─ running            words, decisions and the interrupt find the turn
 *   │  └─ aborting          the turn was told to stop; new words wait for the next one
 *   ├─ shuttingDown         no turn is started any more; background terminals and servers are ended too
 *   └─ closed ■             the last word is said; nothing is heard any more
 *
 * Down:     turn.steer, turn.interrupt, approval.decided; terminal.stop, terminal.forget; mcp.stop
 * Sideways: session.configured, session.warned, op.accepted, op.refused, input.queued, input.returned,
 *           history.rewound, grant.given, hook.ran, session.closed
 *
 * Promises:
 *   1. every op gets exactly one reply
 *   2. every word accepted is delivered to a turn or given back
 *   3. a decision is taken once, while its question is open, for the plan that it names
 *   4. a shutdown starts no turn, and session.closed is the last word
 */
import { MAX_MICROSTEPS } from './limits.ts';
import type { Op } from './protocol/index.ts';
import type { Opened, SessionEvent, SessionState } from './session.contract.ts';
import { hearDeferred } from './session.deferred.ts';
import { hooking } from './session.hooks.ts';
import { loseCrashedTurn, loseLateTurn } from './session.loss.ts';
import { beginRewind, endRewind, restoreInput, rewind, rewindFailed, rewindLate } from './session.rewind.ts';
import { dropServer, loseServers, startServers, stopServers } from './session.servers.ts';
import { dropTerminal, loseTerminals, noteOver, stopTerminals, useTerminal } from './session.terminals.ts';
import {
  abort,
  accept,
  assist,
  configure,
  decide,
  endTurn,
  grantAlso,
  newSession,
  openFailed,
  refuse,
  session,
  startJob,
  startNext,
  startTurn,
  steer,
  wordsOf,
} from './session.setup.ts';
import { continueTurn, releaseHeld, returnQueue, tellQueued } from './session.waiting.ts';
import { jobOf } from './session.words.ts';

const refused = (state: SessionState) => ({
  guard: { type: 'isRefused' as const, params: state },
  actions: refuse(state),
});
const queued = [
  accept,
  { type: 'enqueue' as const, params: ({ event }: { event: Parameters<typeof wordsOf>[0] }) => wordsOf(event) },
  tellQueued,
];
const mine = {
  type: 'isMine' as const,
  params: ({ event }: { event: { output: { turnId: string } } }) => event.output.turnId,
};
const runNext = [
  accept,
  { type: 'keepNext' as const, params: ({ event }: { event: SessionEvent }) => jobOf(event as Op) },
];
const replace = { target: 'aborting', actions: [...runNext, abort('replaced')] };

const terminalOf = {
  type: 'isTerminal' as const,
  params: ({ event }: { event: { actorId: string } }) => event.actorId,
};

const serverOf = {
  type: 'isServer' as const,
  params: ({ event }: { event: { actorId: string } }) => event.actorId,
};
const gone = [
  { guard: terminalOf, actions: dropTerminal },
  { guard: serverOf, actions: dropServer },
];

const place = { type: 'keepPlace' as const, params: ({ event }: { event: Opened }) => event };

const close = { target: '#session.shuttingDown', actions: [accept, returnQueue, abort('shutdown')] };

/** A session: one turn at a time, and the only one who answers ops. Its leaves are empty. */
export const sessionMachine = session.createMachine({
  id: 'session',
  options: { maxIterations: MAX_MICROSTEPS },
  context: ({ input }) => newSession(input),
  initial: 'starting',
  on: {
    'turn.recorded': { actions: { type: 'remember', params: ({ event }) => event } },
    'turn.compacted': { actions: { type: 'forget', params: ({ event }) => event } },
    'turn.counted': { actions: { type: 'count', params: ({ event }) => event } },
    'turn.opened': { actions: { type: 'opened', params: ({ event }) => event } },
    'turn.shut': { actions: { type: 'shut', params: ({ event }) => event.callId } },
    'turn.asked': { actions: { type: 'ask', params: ({ event }) => event } },
    'turn.heard': {
      actions: {
        type: 'settle',
        params: ({ event: { approvalId } }) => ({ approvalId, state: 'answered' as const }),
      },
    },
    'turn.willed': { actions: { type: 'keepWill', params: ({ event }) => event.will } },
    'turn.granted': { actions: grantAlso },
    'turn.used': { actions: useTerminal },
    'terminal.over': { actions: noteOver },
    'xstate.done.actor.*': gone,
    'xstate.error.actor.*': gone,
  },
  states: {
    starting: {
      invoke: {
        src: 'open',
        id: 'open',
        input: ({ context: { threadId, history } }) => ({ threadId, history }),
        onError: { target: 'idle', actions: [openFailed, startServers, hearDeferred] },
      },
      on: {
        'session.opened': [
          { guard: 'greets', target: 'hooking', actions: [place, configure, startServers] },
          { target: 'idle', actions: [place, configure, startServers, hearDeferred] },
        ],
        'op.*': { actions: { type: 'defer', params: ({ event }) => event } },
      },
    },
    hooking,
    idle: {
      always: [
        { guard: 'mustContinue', target: 'busy', actions: continueTurn },
        { guard: 'hasWork', target: 'busy', actions: startNext },
      ],
      initial: 'resting',
      states: {
        resting: { always: { guard: 'holdsWords', target: 'holding' } },
        holding: {
          on: {
            'op.say': [refused('idle'), { target: '#session.busy', actions: [releaseHeld, startTurn] }],
            'op.queue': [refused('idle'), { target: '#session.idle', actions: [...queued, releaseHeld] }],
            'op.interrupt': [refused('idle'), { target: '#session.idle', actions: [accept, returnQueue] }],
            'op.close': [
              { guard: 'isAlone', target: '#session.closed', actions: [accept, returnQueue] },
              { target: '#session.shuttingDown', actions: [accept, returnQueue] },
            ],
          },
        },
      },
      on: {
        'op.say': [refused('idle'), { target: 'busy', actions: startTurn }],
        'op.queue': [refused('idle'), { target: 'busy', actions: startTurn }],
        'op.compact': [refused('idle'), { target: 'busy', actions: startJob }],
        'op.review': [refused('idle'), { target: 'busy', actions: startJob }],
        'op.shell': [refused('idle'), { target: 'busy', actions: startJob }],
        'op.rewind': [
          refused('idle'),
          { guard: 'takesFiles', target: 'rewinding', actions: [accept, beginRewind] },
          { actions: [accept, rewind] },
        ],
        'op.stop': [refused('idle'), { actions: [accept, stopTerminals] }],
        'op.close': [
          { guard: 'isAlone', target: 'closed', actions: accept },
          { target: 'shuttingDown', actions: accept },
        ],
        'op.*': { actions: refuse('idle') },
      },
    },
    rewinding: {
      invoke: {
        src: 'restore',
        id: 'restore',
        input: ({ context }) => restoreInput(context),
        onError: { target: 'idle', actions: [rewindFailed, hearDeferred] },
      },
      on: {
        'restore.done': { target: 'idle', actions: [endRewind, hearDeferred] },
        'op.*': { actions: { type: 'defer', params: ({ event }) => event } },
      },
      after: { restorePatience: { target: 'idle', actions: [rewindLate, hearDeferred] } },
    },
    busy: {
      on: {
        'xstate.done.actor.turn': { guard: mine, target: 'idle', actions: endTurn('runs') },
        'xstate.error.actor.turn': { target: 'idle', actions: loseCrashedTurn },
      },
      initial: 'running',
      states: {
        running: {
          on: {
            'op.say': [refused('running'), { guard: 'canSteer', actions: [accept, steer] }, { actions: queued }],
            'op.queue': [refused('running'), { actions: queued }],
            'op.steer': [refused('running'), { actions: [accept, steer] }],
            'op.decide': [
              refused('running'),
              { guard: 'isAbort', target: 'aborting', actions: [accept, returnQueue, abort('interrupted')] },
              {
                actions: [
                  accept,
                  {
                    type: 'settle',
                    params: ({ event: { approvalId } }) => ({ approvalId, state: 'decided' as const }),
                  },
                  decide,
                ],
              },
            ],
            'op.interrupt': [
              refused('running'),
              { target: 'aborting', actions: [accept, returnQueue, abort('interrupted')] },
            ],
            'op.compact': [refused('running'), replace],
            'op.review': [refused('running'), replace],
            'op.shell': [refused('running'), { actions: [accept, assist] }],
            'op.stop': [refused('running'), { actions: [accept, stopTerminals] }],
            'op.close': close,
            'op.*': { actions: refuse('running') },
          },
        },
        aborting: {
          on: {
            'xstate.done.actor.turn': { guard: mine, target: '#session.idle', actions: endTurn('isDropped') },
            'op.say': [refused('aborting'), { actions: queued }],
            'op.queue': [refused('aborting'), { actions: queued }],
            'op.compact': [refused('aborting'), { actions: runNext }],
            'op.review': [refused('aborting'), { actions: runNext }],
            'op.stop': [refused('aborting'), { actions: [accept, stopTerminals] }],
            'op.close': close,
            'op.*': { actions: refuse('aborting') },
          },
        },
      },
    },
    shuttingDown: {
      entry: [stopTerminals, stopServers],
      always: { guard: 'isAlone', target: 'closed' },
      on: {
        'xstate.done.actor.turn': { guard: mine, actions: [endTurn('isDropped'), returnQueue] },
        'xstate.error.actor.turn': { actions: [loseCrashedTurn, returnQueue] },
        'turn.used': { actions: [useTerminal, stopTerminals] },
        'op.close': { actions: accept },
        'op.*': { actions: refuse('shuttingDown') },
      },
      after: { grace: { target: 'closed', actions: [loseLateTurn, loseTerminals, loseServers] } },
    },
    closed: { type: 'final', entry: { type: 'publish', params: { type: 'session.closed' } } },
  },
});
