/** The leaves around a background terminal: one lives as long as it does, and one talks to it. Neither fails. */
import type { TalkCommand, TalkInput, WatchCommand, WatchInput } from '../machines/leaves.ts';
import { statusOf } from '../machines/call.words.ts';
import type { ExecEnding } from '../sandbox/plan.ts';
import { talkWords, unknownTerminal } from './processes/terminal.words.ts';
import type { Terminal } from './processes/terminals.ts';
import { leaf } from './services.ts';

/** Answers for the process: when this leaf is stopped, nobody of it is left alive. */
export const watch = leaf<WatchCommand, WatchInput>((services) => ({ input: { terminalId }, receive, sendBack }) => {
  const { terminals } = services.exec;
  const terminal = terminals.adopt(terminalId);
  const life = new AbortController();
  const over = terminal?.over ?? Promise.resolve<ExecEnding>({ kind: 'unknown' });
  void over.then((ending) => {
    if (!life.signal.aborted) sendBack({ type: 'watch.ended', terminalId, ending });
  });
  receive(() => terminal?.end());
  return () => {
    life.abort();
    terminals.drop(terminalId);
  };
});

const INTERRUPT = '\u0003';
const END_OF_INPUT = '\u0004';

/** What could not be done of it, in words; null: all was done. */
const speak = (terminal: Terminal, chars: string): string | null => {
  if (chars === '') return null;
  if (chars === INTERRUPT) return (terminal.interrupt(), null);
  const text = chars.endsWith(END_OF_INPUT) ? chars.slice(0, -1) : chars;
  const bytes = Buffer.from(text);
  const taken = bytes.length === 0 ? 0 : terminal.write(bytes);
  if (text !== chars) terminal.closeInput();
  if (taken === null) return 'It does not listen any more: nothing was written.';
  return taken < bytes.length ? `Only ${taken} of ${bytes.length} bytes were taken: it does not read.` : null;
};

/** Writes, waits until it is told to read or the process is gone, and says what was heard. */
export const talk = leaf<TalkCommand, TalkInput>((services) => ({ input, receive, sendBack }) => {
  const { callId, terminalId, chars, maxBytes } = input;
  const startedAt = performance.now();
  const spoken = new AbortController(); // aborted: nothing more is said
  const terminal = services.exec.terminals.find(terminalId);
  const note = terminal === null ? null : speak(terminal, chars);
  const tell = (ending: ExecEnding | null) => {
    if (spoken.signal.aborted) return;
    spoken.abort();
    const common = { type: 'talk.heard' as const, callId, terminalId };
    if (terminal === null)
      return sendBack({ ...common, state: 'unknown', status: 'failed', output: unknownTerminal(terminalId) });
    const words = { terminalId, ending, wallMs: performance.now() - startedAt, note, said: terminal.read(), maxBytes };
    const status = ending === null ? 'completed' : statusOf({ ending });
    sendBack({ ...common, state: ending === null ? 'running' : 'ended', status, output: talkWords(words) });
  };
  if (terminal === null) queueMicrotask(() => tell(null));
  else void terminal.over.then(tell);
  receive(() => queueMicrotask(() => tell(null)));
  return () => spoken.abort();
});
