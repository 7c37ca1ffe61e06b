/** What a session does with its servers of tools: they live as long as it does, and no turn waits for them. */
import { END, messageOf, orphansOf } from './kit.ts';
import { mcpActorOf } from './mcp.contract.ts';
import { session } from './session.setup.ts';

/** After the first fact of the session, and behind whatever was asked meanwhile. */
export const startServers = session.enqueueActions(({ enqueue, context: { servers } }) => {
  for (const server of servers) enqueue.spawnChild('mcp', { id: mcpActorOf(server.server), input: server });
});

export const stopServers = session.enqueueActions(({ enqueue, context: { servers } }) => {
  for (const { server } of servers) enqueue.sendTo(mcpActorOf(server), { type: 'mcp.stop' });
});

export const dropServer = session.enqueueActions(({ enqueue, context: { servers }, event, self }) => {
  if (!('actorId' in event)) return;
  const gone = servers.find(({ server }) => mcpActorOf(server) === event.actorId);
  if (gone === undefined) return;
  if ('error' in event) {
    for (const orphan of orphansOf(self, event.actorId)) enqueue.sendTo(orphan, END);
    const message = `it broke: ${messageOf(event.error)}`;
    enqueue({
      type: 'publish',
      params: { type: 'mcp.changed', server: gone.server, state: 'failed', tools: [], message },
    });
  }
  enqueue.stopChild(event.actorId);
  enqueue.assign({ servers: servers.filter((server) => server !== gone) });
});

/** They did not end in time: whoever is left is taken down. */
export const loseServers = session.enqueueActions(({ enqueue, context: { servers } }) => {
  for (const { server } of servers) {
    enqueue.stopChild(mcpActorOf(server));
    enqueue({ type: 'publish', params: { type: 'mcp.changed', server, state: 'closed', tools: [] } });
  }
  enqueue.assign({ servers: [] });
});
