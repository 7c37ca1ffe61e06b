/** How a session goes back to what it remembered, and what the files were. */
import { estimateTokens } from './history.ts';
import { messageOf } from './kit.ts';
import type { RestoreInput } from './leaves.ts';
import type { FilesRestored } from './protocol/index.ts';
import { refillWindow } from './protocol/usage.ts';
import type { SessionContext, SessionEvent } from './session.contract.ts';
import { session } from './session.setup.ts';
import { cutBefore } from './session.words.ts';

const cut = (
  turnsOf: (context: SessionContext, event: SessionEvent) => number,
  filesOf: (event: SessionEvent) => FilesRestored | null,
) =>
  session.enqueueActions(({ enqueue, context, event }) => {
    const [turns, files] = [turnsOf(context, event), filesOf(event)];
    const history = context.history.slice(0, cutBefore(context.history, turns));
    enqueue.assign({ history, rewinding: 0, accounting: refillWindow(context.accounting, estimateTokens(history)) });
    enqueue({
      type: 'publish',
      params: { type: 'history.rewound', turns, history, ...(files === null ? {} : { files }) },
    });
  });

/** The conversation only. */
export const rewind = cut(
  (_, event) => (event.type === 'op.rewind' ? event.turns : 0),
  () => null,
);

/** The files first: while they are brought back, nobody writes others. */
export const beginRewind = session.assign(({ event }) => ({
  rewinding: event.type === 'op.rewind' ? event.turns : 0,
}));
export const restoreInput = ({ history, rewinding, terminals }: SessionContext): RestoreInput => {
  const first = history[cutBefore(history, rewinding)];
  const running = terminals.flatMap(({ phase, what }) => (phase === 'ended' ? [] : [what]));
  return { inputId: first?.type === 'user' ? (first.inputId ?? '') : '', running };
};
const rewound = (filesOf: (event: SessionEvent) => FilesRestored) => cut(({ rewinding }) => rewinding, filesOf);
const untold = (why: string): FilesRestored => ({ restored: [], kept: [], notCovered: [why] });

export const endRewind = rewound((event) => (event.type === 'restore.done' ? event.files : untold('nobody said what')));
export const rewindLate = rewound(() => untold('the files were not brought back in time: some may be, others not'));
export const rewindFailed = rewound((event) =>
  untold(`the files were not brought back: ${'error' in event ? messageOf(event.error) : 'no reason was kept'}`),
);
