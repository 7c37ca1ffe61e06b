/**
 * The leaf that asks the user's own programs.
 *
 *   in    hook.cancel   end them, politely first
 *   out   hook.done     exactly once, when none of their processes is left; never, if the actor was stopped first
 *
 * Being stopped sends SIGKILL before it returns.
 */
import type { HookCommand, HookInput } from '../../machines/hook.contract.ts';
import { leaf } from '../services.ts';

export const hook = leaf<HookCommand, HookInput>((services) => ({ input, receive, sendBack }) => {
  const [cancel, stop] = [new AbortController(), new AbortController()];
  receive(({ type }) => {
    if (type === 'hook.cancel') cancel.abort();
  });
  void services.hooks(input, { cancel: cancel.signal, stop: stop.signal }).then((report) => {
    if (!stop.signal.aborted) sendBack({ type: 'hook.done', ...report });
  });
  return () => stop.abort();
});
