/** The leaves around servers of tools: one lives as long as a server does, and one asks it for something. Neither fails. */
import type { EventObject } from 'xstate';
import type { LinkCommand, LinkInput, RemoteInput } from '../machines/leaves.ts';
import { leaf } from './services.ts';

/** Answers for the server: when this leaf is stopped, nobody of it is left alive. */
export const link = leaf<LinkCommand, LinkInput>((services) => ({ input: { server }, receive, sendBack }) => {
  const held = services.desk.open(server, {
    listed: (tools) => sendBack({ type: 'link.listed', server, tools }),
    ended: (why) => sendBack({ type: 'link.ended', server, why }),
  });
  receive(() => held.end());
  return () => held.drop();
});

/** Asks, shows how it goes on, and reports the answer; stopped, it tells the server so. */
export const remote = leaf<EventObject, RemoteInput>((services) => ({ input, sendBack }) => {
  const { turnId, callId } = input;
  return services.desk.call(input, {
    progressed: (text) =>
      services.delta({ type: 'exec.printed', turnId, callId, stream: 'stderr', chunk: `${text.trim()}\n` }),
    answered: (answer) => sendBack({ type: 'remote.answered', callId, ...answer }),
  });
});
