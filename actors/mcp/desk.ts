/**
 * The servers of tools of one session: who is there, what each has, who waits for an answer. Leaves hold the servers and
 * the calls; this is where they find them. It costs nothing until the first server is opened.
 */
import type { RemoteInput } from '../../machines/leaves.ts';
import type { Processes } from '../processes/processes.ts';
import type { ToolSpec } from '../providers/provider.ts';
import { startServer, type ServerProcess } from './process.ts';
import { startThread, type Thread } from './thread.ts';
import { isOffered, nameFor } from './tools.ts';
import type { Answered, FromWorker, ListedTool, McpServerConfig } from './words.ts';

export interface Told {
  readonly listed: (tools: readonly string[]) => void;
  /** null: it was told to end. */
  readonly ended: (why: string | null) => void;
}
export interface Held {
  /** Politely; `ended` follows. */
  end(): void;
  /** Now, before this returns; nothing is told any more. */
  drop(): void;
}
export interface Caller {
  readonly progressed: (text: string) => void;
  readonly answered: (answer: Answered) => void;
}

export interface Desk {
  readonly servers: readonly McpServerConfig[];
  open(server: string, told: Told): Held;
  /** Until its tools are known, or it is gone. */
  settled(server: string): Promise<void>;
  tools(server: string): readonly ListedTool[];
  /** What the model is offered in this turn: whoever comes while it runs is added at the end, and nothing is taken away. */
  offeredIn(turnId: string): readonly ToolSpec[];
  /** The function cancels: the server is told, and nobody is answered any more. */
  call(input: RemoteInput, caller: Caller): () => void;
}

interface Entry {
  readonly config: McpServerConfig;
  settled: PromiseWithResolvers<void>;
  tools: readonly ListedTool[];
  life: {
    readonly told: Told;
    readonly process: ServerProcess | null;
    state: 'living' | 'ending';
    fault: string | null;
  } | null;
}

export const createDesk = (servers: readonly McpServerConfig[], processes: Processes, version: string): Desk => {
  const entries = new Map<string, Entry>(
    servers.map((config) => [config.name, { config, settled: Promise.withResolvers<void>(), tools: [], life: null }]),
  );
  const callers = new Map<string, { readonly server: string; readonly caller: Caller }>();
  const offered = { turnId: '', specs: [] as readonly ToolSpec[] };
  /** The servers that have tools, in the order in which they came: what was offered first stays first. */
  const arrived = new Set<Entry>();
  const shared = { thread: null as Thread | null };

  const leave = (entry: Entry): Told | null => {
    const told = entry.life?.told ?? null;
    entry.life = null;
    entry.tools = [];
    arrived.delete(entry);
    entry.settled.resolve();
    for (const [id, { server, caller }] of callers) {
      if (server !== entry.config.name) continue;
      callers.delete(id);
      // Not in the middle of the step that let the server go.
      const output = `the MCP server ${server} is gone; nobody knows what it did`;
      queueMicrotask(() => caller.answered({ status: 'failed', output }));
    }
    if ([...entries.values()].some(({ life }) => life !== null)) return told;
    shared.thread?.end();
    shared.thread = null;
    return told;
  };
  const lose = (entry: Entry, why: string) => {
    const { life } = entry;
    if (life === null) return;
    life.process?.kill();
    leave(entry)?.ended(life.state === 'ending' ? null : (life.fault ?? why));
  };

  const hear = (message: FromWorker): void => {
    if ('id' in message) {
      const found = callers.get(message.id);
      if (message.type === 'progressed') return found?.caller.progressed(message.text);
      callers.delete(message.id);
      return found?.caller.answered({ status: message.status, output: message.output });
    }
    const entry = entries.get(message.server);
    const life = entry?.life ?? null;
    if (entry === undefined || life === null) return;
    switch (message.type) {
      case 'said':
        return life.process?.write(message.line);
      case 'listed':
        entry.tools = message.tools.filter(({ name }) => isOffered(entry.config, name));
        arrived.add(entry);
        life.told.listed(entry.tools.map(({ name }) => name));
        return entry.settled.resolve();
      case 'lost':
        life.fault = message.why;
        return life.process === null ? lose(entry, message.why) : life.process.end();
      case 'closed':
        return life.process === null ? lose(entry, 'it was closed') : undefined;
    }
  };
  const threadLost = (why: string) => {
    shared.thread = null;
    for (const entry of entries.values()) lose(entry, why);
  };

  const open = (server: string, told: Told): Held => {
    const entry = entries.get(server);
    if (entry === undefined) {
      queueMicrotask(() => told.ended('it is not in the configuration'));
      return { end: () => {}, drop: () => {} };
    }
    const { how } = entry.config;
    const thread = (shared.thread ??= startThread(hear, threadLost));
    const process =
      how.kind === 'http'
        ? null
        : startServer({
            ...{ how, processes },
            onLine: (line) => thread.post({ type: 'heard', server, line }),
            onEnd: (why) => lose(entry, why),
          });
    if (entry.life === null) {
      // It comes back: whoever calls it waits again. Resolved once more for those who waited before, if any.
      entry.settled.resolve();
      entry.settled = Promise.withResolvers<void>();
    }
    entry.life = { told, process, state: 'living', fault: null };
    thread.post({ type: 'open', server, version, http: how.kind === 'http' ? how : null });
    return {
      end: () => {
        if (entry.life === null) return;
        entry.life.state = 'ending';
        thread.post({ type: 'close', server });
        process?.end();
      },
      drop: () => {
        process?.kill();
        if (entry.life?.told === told) leave(entry);
      },
    };
  };

  return {
    servers,
    open,
    settled: (server) => entries.get(server)?.settled.promise ?? Promise.resolve(),
    tools: (server) => entries.get(server)?.tools ?? [],
    offeredIn: (turnId) => {
      const now = [...arrived].flatMap(({ config: { name: server }, tools }) =>
        tools.map(({ name, description, schema }) => ({
          name: nameFor(server, name),
          description,
          parameters: schema,
        })),
      );
      const before = offered.turnId === turnId ? offered.specs : [];
      const more = now.filter(({ name }) => !before.some((known) => known.name === name));
      Object.assign(offered, { turnId, specs: [...before, ...more] });
      return offered.specs;
    },
    call: ({ turnId, callId, server, tool, args }, caller) => {
      const id = `${turnId}/${callId}`;
      const { thread } = shared;
      callers.set(id, { server, caller });
      if (thread === null || entries.get(server)?.life == null)
        queueMicrotask(() => {
          if (callers.delete(id)) caller.answered({ status: 'failed', output: `the MCP server ${server} is gone` });
        });
      else thread.post({ type: 'call', server, id, tool, args: JSON.parse(args) as Record<string, unknown> });
      return () => {
        if (callers.delete(id)) shared.thread?.post({ type: 'cancel', id });
      };
    },
  };
};
