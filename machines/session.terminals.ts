/** What a session does with the commands that go on beside its turns. */
import { END, orphansOf } from './kit.ts';
import { MAX_TERMINALS, RECENT_TERMINALS } from './limits.ts';
import { session } from './session.setup.ts';
import { terminalActorOf, type Terminal, type TerminalOutput } from './terminal.contract.ts';
import { newsOf } from './terminal.words.ts';

/** Who makes room: one that ended and was not used lately, else the one that was not used for longest (E.13). */
export const evicted = (terminals: readonly Terminal[]): Terminal | null => {
  const living = terminals.filter(({ phase }) => phase !== 'stopping');
  if (living.length <= MAX_TERMINALS) return null;
  const old = living.slice(0, -RECENT_TERMINALS);
  return old.find(({ phase }) => phase === 'ended') ?? old[0] ?? null;
};

const phased = (terminals: readonly Terminal[], terminalId: string, phase: Terminal['phase']): readonly Terminal[] =>
  terminals.map((terminal) => (terminal.terminalId === terminalId ? { ...terminal, phase } : terminal));

/** A call began one, spoke to one, or has read the last words of one. */
export const useTerminal = session.enqueueActions(({ enqueue, context: { terminals }, event }) => {
  if (event.type !== 'turn.used') return;
  const { terminalId, how, callId, what, pid } = event;
  const known = terminals.find((terminal) => terminal.terminalId === terminalId);
  if (how === 'begun' && known === undefined) {
    const more: readonly Terminal[] = [...terminals, { terminalId, what, phase: 'running' }];
    const leaver = evicted(more);
    enqueue.assign({ terminals: leaver === null ? more : phased(more, leaver.terminalId, 'stopping') });
    enqueue.spawnChild('terminal', {
      id: terminalActorOf(terminalId),
      input: { terminalId, callId, what, pid },
    });
    if (leaver !== null) enqueue.sendTo(terminalActorOf(leaver.terminalId), { type: 'terminal.stop' });
    return;
  }
  if (known === undefined) return;
  enqueue.assign({ terminals: [...terminals.filter((terminal) => terminal !== known), known] });
  if (how === 'read') enqueue.sendTo(terminalActorOf(terminalId), { type: 'terminal.forget' });
});

export const noteOver = session.enqueueActions(({ enqueue, context, event }) => {
  if (event.type !== 'terminal.over') return;
  enqueue.assign({ terminals: phased(context.terminals, event.terminalId, 'ended') });
});

export const stopTerminals = session.enqueueActions(({ enqueue, context: { terminals }, event }) => {
  const only = event.type === 'op.stop' ? event.terminalId : undefined;
  const told = terminals.filter(
    ({ terminalId, phase }) => phase !== 'stopping' && (only === undefined || only === terminalId),
  );
  enqueue.assign({
    terminals: terminals.map((terminal) => (told.includes(terminal) ? { ...terminal, phase: 'stopping' } : terminal)),
  });
  for (const { terminalId } of told) enqueue.sendTo(terminalActorOf(terminalId), { type: 'terminal.stop' });
});

export const dropTerminal = session.enqueueActions(({ enqueue, context, event, self }) => {
  if (!('actorId' in event)) return;
  const gone = context.terminals.find(({ terminalId }) => terminalActorOf(terminalId) === event.actorId);
  if (gone === undefined) return;
  const { terminalId, phase } = gone;
  const isLost = 'error' in event;
  if (isLost) for (const orphan of orphansOf(self, event.actorId)) enqueue.sendTo(orphan, END);
  if (isLost && phase !== 'ended')
    enqueue({ type: 'publish', params: { type: 'terminal.ended', terminalId, status: 'unknown' } });
  enqueue.stopChild(event.actorId);
  const isNews = isLost ? phase !== 'ended' : 'output' in event && (event.output as TerminalOutput).by === 'us';
  enqueue.assign({
    terminals: context.terminals.filter((terminal) => terminal !== gone),
    surroundings: isNews ? [...context.surroundings, newsOf([gone])] : context.surroundings,
  });
});

/** They did not end in time: whoever is left is taken down, and it is said. */
export const loseTerminals = session.enqueueActions(({ enqueue, context: { terminals } }) => {
  for (const { terminalId, phase } of terminals) {
    enqueue.stopChild(terminalActorOf(terminalId));
    if (phase !== 'ended')
      enqueue({ type: 'publish', params: { type: 'terminal.ended', terminalId, status: 'unknown' } });
  }
  enqueue.assign({ terminals: [] });
});
