/**
 * The runtime: what the sessions of one process share, and how a session is put together. The one place where the machines
 * meet the world.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createActor, type InspectionEvent } from 'xstate';
import { chartHashes } from '../machines/charts.ts';
import { repaired } from '../machines/history.ts';
import type { SampleInput } from '../machines/leaves.ts';
import type { RuntimeEvent } from '../machines/protocol/index.ts';
import { outside } from '../sandbox/host.ts';
import { backendNamed } from '../sandbox/registry.ts';
import { askedAgain } from './again.ts';
import { createBus } from './bus.ts';
import type { OpenOptions, Runtime, RuntimeConfig, Session } from './contract.ts';
import { createFiles } from './files/files.ts';
import { holdBack } from './hold-back.ts';
import { createHooks } from './hooks/hooks.ts';
import * as leaves from './leaves.ts';
import { createDesk, type Desk } from './mcp/desk.ts';
import { planOf } from './mcp/tools.ts';
import type { Resolve } from './gate/addresses.ts';
import { createKeeper } from './kept-rules.ts';
import { createNotifier } from './notify.ts';
import { createProcesses } from './processes/processes.ts';
import { createTerminals } from './processes/terminals.ts';
import { BASE_INSTRUCTIONS } from './prompt/instructions.ts';
import { REVIEW_INSTRUCTIONS } from './prompt/review.ts';
import { modelOf } from './providers/models.ts';
import type { SampleRequest } from './providers/provider.ts';
import { createProvider } from './providers/registry.ts';
import { createRecorder } from './recorder.ts';
import { sample } from './sample.actor.ts';
import { bornWith, openOrigin } from './saved.ts';
import { provideServices, servicesOf, type Services } from './services.ts';
import { createScratch } from './scratch.ts';
import { createSession } from './session.ts';
import { specs, withheldFrom } from './tools/registry.ts';
import { wire } from './wiring.ts';
import { createWorkplace, probed } from './workplace.ts';

export { CannotOpen } from './saved.ts';

const live = wire(
  { ...leaves, sample },
  {
    publish: (system, fact) => servicesOf(system).publish(fact),
    sweep: (system, what) => servicesOf(system).sweep(what),
  },
);

/** What a runtime takes from the world besides its configuration; for tests, and for those who look inside. */
export interface RuntimeDeps {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Never the same text twice. */
  readonly newId?: () => string;
  /** Sees every event of every session, as XState's own inspection does. */
  readonly inspect?: (sessionId: string, event: InspectionEvent) => void;
  /** How the hosts of commands are found; absent: as the system does. */
  readonly resolve?: Resolve;
}

const requestOf =
  (config: RuntimeConfig, threadId: string, desk: Desk) =>
  ({ turnId, items, purpose, outputSchema }: SampleInput): SampleRequest => ({
    turnId,
    threadId,
    model: config.model,
    purpose,
    instructions: purpose === 'review' ? REVIEW_INSTRUCTIONS : BASE_INSTRUCTIONS,
    items: repaired(items),
    tools:
      purpose === 'compact'
        ? []
        : specs({ without: withheldFrom(purpose), more: purpose === 'regular' ? desk.offeredIn(turnId) : [] }),
    parallelTools: modelOf(config.model).parallelTools,
    reasoningEffort: config.reasoningEffort,
    reasoningSummary: config.reasoningSummary,
    outputSchema,
  });

/** Names of unknown events that are counted; a server may make up as many as it likes. */
const MAX_SKIPPED_NAMES = 100;

/**
 * A runtime. It does nothing until a session is opened; a bad configuration is told by the session that suffers from
 * it.
 */
export const createRuntime = (
  config: RuntimeConfig,
  { now = Date.now, newId = randomUUID, inspect, resolve }: RuntimeDeps = {},
): Runtime => {
  const hosting = probed(config.home, config.sandbox);
  const skipped = new Map<string, number>();
  const providing = createProvider(config.provider, {
    userAgent: `turnstile/${config.version}`,
    ignored: (what) => {
      if (skipped.size < MAX_SKIPPED_NAMES || skipped.has(what)) skipped.set(what, (skipped.get(what) ?? 0) + 1);
    },
  });
  for (const early of [hosting, providing]) early.catch(() => undefined); // told where it is awaited
  const processes = createProcesses();
  const sessions = new Set<Session>();

  const open = async (options: OpenOptions = {}): Promise<Session> => {
    const bus = createBus(now);
    const warn = (message: string) => bus.publish({ type: 'session.warned', message }, now());
    const { id, remembered, journal, notices, former, notBefore } = await openOrigin(
      config,
      options,
      newId,
      now,
      warn,
      () => chartHashes(live),
    );
    const recorder = journal === null ? null : createRecorder(journal);
    const isPrivate = config.sandbox.kind === 'workspaceWrite' && config.sandbox.tmp === 'private';
    const scratch = isPrivate ? createScratch(config.home, id) : null;
    const workplace = createWorkplace(config, () => hosting, scratch?.folder ?? null);
    const files = createFiles({
      ...{ home: config.home, cwd: config.cwd, sandbox: config.sandbox, former, now },
      ...{ id: journal === null ? null : id, grants: remembered?.grants ?? [] },
    });
    const notifier = createNotifier({
      ...{ command: config.notify, threadId: id, cwd: config.cwd, env: config.env, warn },
      client: `turnstile/${config.version}`,
    });
    const keeper = createKeeper({ home: config.home, folder: config.cwd, warn });
    const alive = new Map<string, () => void>();
    const terminals = createTerminals(
      former.flatMap((fact) => (fact.type === 'terminal.started' ? [fact.terminalId] : [])),
    );
    // Beside `alive`: a turn that is lost takes no server with it.
    const desk = createDesk(config.mcpServers ?? [], processes, config.version);
    const planTool = planOf(desk, config);
    const endAll = () => {
      for (const kill of alive.values()) kill();
    };
    const owned: typeof processes = {
      ...processes,
      remember: (kill, word) => {
        const forget = processes.remember(kill, word);
        alive.set(word, kill);
        return () => {
          alive.delete(word);
          forget();
        };
      },
    };
    const telling = { depth: 0 };
    const held = holdBack(journal?.settled);

    const publish = (fact: RuntimeEvent): void => {
      const at = now();
      files.hear(fact);
      notifier.hear(fact);
      keeper.hear(fact);
      journal?.append({ kind: 'fact', fact, cause: recorder?.cause() ?? null }, at);
      telling.depth += 1;
      try {
        bus.publish(fact, at);
      } finally {
        telling.depth -= 1;
      }
    };
    const services: Services = {
      publish,
      delta: bus.delta,
      sweep: () => {
        for (const [word, kill] of alive) if (!terminals.isAdopted(word)) kill();
        terminals.abandon();
      },
      open: async ({ history }) => {
        const opened = await workplace.open(history);
        return { ...opened, warnings: [...notices, ...opened.warnings] };
      },
      plan: async (input) => {
        const planned = (await planTool(input)) ?? (await workplace.plan(input));
        return input.again === undefined ? planned : { ...planned, plan: askedAgain(planned.plan, input.again) };
      },
      diff: (turnId) => {
        terminals.abandon(); // whatever the turn left to nobody
        return Promise.all([workplace.diff(turnId), files.settle(turnId)]).then(([diff]) => diff);
      },
      restore: files.restore,
      provider: () => held.through(providing),
      request: requestOf(config, id, desk),
      notBefore: notBefore?.provider === config.provider.id ? notBefore.at : 0,
      hooks: createHooks({
        ...{ hooks: config.hooks ?? [], env: config.env, sandbox: config.sandbox, processes: owned },
        about: {
          ...{ sessionId: id, journal: journal?.file ?? null, cwd: config.cwd },
          ...{ model: config.model, approval: config.approval },
        },
        ...{ host: () => hosting, privateTmp: scratch?.folder ?? null, hide: [join(config.home, 'sessions')] },
        began: (word, { hook }, { argv, cwd, backend }) => {
          const noted = journal?.effect(`hook/${word}`, 'hook', { hook, argv, cwd, backend });
          return noted?.kind === 'fenced' ? 'fenced' : held.mayStart();
        },
        ended: (word, ending) => void journal?.effectEnd(`hook/${word}`, { ending }),
      }),
      desk: held.desk(desk),
      now,
      exec: {
        publish: bus.delta,
        before: files.before,
        denialOf: (spawn, ending, output) =>
          backendNamed(spawn.backend)?.denial(ending, output, spawn, outside) ?? null,
        effects: {
          began: ({ turnId, callId, ...what }) => {
            const noted = journal?.effect(`${turnId}/${callId}`, 'exec', { callId, ...what });
            return noted?.kind === 'fenced' ? 'fenced' : held.mayStart();
          },
          ended: ({ turnId, callId, ending }) => void journal?.effectEnd(`${turnId}/${callId}`, { ending }),
        },
        ...(resolve === undefined ? {} : { resolve }),
        spillFolder: config.keepsJournal ? join(config.home, 'sessions', 'spill', id) : null,
        terminals,
        processes: owned,
      },
    };

    const actor = createActor(live, {
      id: 'session',
      input: { ...bornWith(config, id, options.outputSchema), remembered },
      ...(recorder === null && inspect === undefined
        ? {}
        : {
            inspect: (event: InspectionEvent) => {
              recorder?.inspect(event);
              inspect?.(id, event);
            },
          }),
    });
    provideServices(actor.system, services);

    const session = createSession({
      id,
      actor,
      bus,
      isTelling: () => telling.depth > 0,
      skipped: () => Object.fromEntries(skipped),
      journal: journal?.file ?? null,
      newId,
      release: async () => {
        endAll();
        await files.rest();
        await notifier.rest();
        journal?.close();
        scratch?.remove();
        sessions.delete(session);
        bus.close();
      },
    });
    sessions.add(session);
    actor.subscribe({
      error: (error) => {
        // The session's own machine broke: a bug. What it started ends with it, and whoever listens is told.
        endAll();
        publish({ type: 'session.warned', message: `the session broke: ${String(error)}` });
        publish({ type: 'session.closed' });
        void session.close();
      },
    });
    actor.start();
    return session;
  };

  const close = async (): Promise<void> => {
    await Promise.all([...sessions].map((session) => session.close()));
    processes.close();
  };
  return { open, [Symbol.asyncDispose]: close };
};
