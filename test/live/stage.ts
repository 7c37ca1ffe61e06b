/** A session in this process, through the real runtime: real HTTP, real commands, a real journal. What the live tests share. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Runtime, Session } from '../../actors/contract.ts';
import { createRuntime } from '../../actors/runtime.ts';
import { resolveConfig } from '../../cli/config.ts';
import type { Flags } from '../../cli/flags.ts';
import { isTurnEnding, type Delta, type Op, type RuntimeEvent, type Stamped } from '../../machines/protocol/index.ts';
import type { Scenario, Turn } from '../model-server/scenario.ts';
import { startModelServer, type ModelServer } from '../model-server/server.ts';

export type Told = Stamped<RuntimeEvent | Delta>;
type OfType<T extends Told['type']> = Extract<Told, { type: T }>;
type Unnumbered = Op extends infer O ? (O extends Op ? Omit<O, 'id'> : never) : never;

export const say = (text: string): Turn => ({ items: [{ type: 'text', text }] });
export const shell = (...commands: readonly string[]): Turn => ({
  items: commands.map((command) => ({ type: 'shell' as const, command })),
});
/** Words for ever, one every few milliseconds. */
export const chatter: Turn = { items: [{ type: 'text', deltas: 100_000, delta: 'word ', gap_ms: 5 }] };
export const hush: Turn = { items: [], headersAfterMs: Infinity };

export interface Wanted {
  readonly turns: readonly Turn[];
  readonly side?: Scenario['side'];
  readonly flags?: Flags;
  /** False: nobody can answer a question. */
  readonly isAttended?: boolean;
  /** How the hosts of commands are found. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
  /** Written into the home before the configuration is read. */
  readonly rules?: string;
}

export const newFolder = () => {
  const root = process.env['TURNSTILE_TEST_ROOT'];
  const folder = realpathSync(mkdtempSync(join(root ?? tmpdir(), 'turnstile-live-')));
  // Below that root all journals are replayed when the run is over, and then everything goes.
  return { folder, remove: () => root === undefined && rmSync(folder, { recursive: true, force: true }) };
};

/** A runtime before a model server. */
export const newLive = async ({ turns, side, flags = {}, isAttended = true, resolve, rules }: Wanted) => {
  const server = await startModelServer({ turns, ...(side && { side }) });
  const { folder, remove } = newFolder();
  if (rules !== undefined) {
    mkdirSync(join(folder, 'home'));
    writeFileSync(join(folder, 'home', 'rules'), rules);
  }
  const { runtime: config } = await resolveConfig({
    flags: {
      model: 'm',
      sandbox: 'danger-full-access',
      approval: 'never',
      ...flags,
      config: [`openai_base_url="${server.url}"`, ...(flags.config ?? [])],
    },
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      TURNSTILE_HOME: join(folder, 'home'),
      OPENAI_API_KEY: 'k',
    },
    cwd: folder,
    version: '0.0.0',
    isAttended,
  });
  const runtime = createRuntime(config, resolve === undefined ? {} : { resolve });
  const close = async () => {
    await runtime[Symbol.asyncDispose]();
    await server.close();
    remove();
  };
  return { server, folder, config, runtime, close };
};

/** A session whose facts are kept, and can be waited for. */
export const follow = (session: Session) => {
  const told: Told[] = [];
  const waiting: { isIt: (event: Told) => boolean; resolve: (event: Told) => void }[] = [];
  const count = { ops: 0 };
  session.events.subscribe((event) => {
    told.push(event);
    for (const wait of waiting.filter(({ isIt }) => isIt(event))) {
      waiting.splice(waiting.indexOf(wait), 1);
      wait.resolve(event);
    }
  });
  /** The first event that fits, from the beginning or yet to come. */
  const until = (isIt: (event: Told) => boolean): Promise<Told> => {
    const known = told.find(isIt);
    return known ? Promise.resolve(known) : new Promise((resolve) => waiting.push({ isIt, resolve }));
  };
  const of = <T extends Told['type']>(type: T): readonly OfType<T>[] =>
    told.filter((event): event is OfType<T> => event.type === type);
  const nth = async <T extends Told['type']>(type: T, n = 0): Promise<OfType<T>> => {
    await until((event) => event.type === type && of(type).length > n);
    return of(type)[n] as OfType<T>;
  };
  const submit = (op: Unnumbered, id = `op${count.ops++}`) => session.submit({ ...op, id } as Op);
  const endings = () => told.filter(isTurnEnding);
  return {
    session,
    told,
    until,
    of,
    nth,
    submit,
    endings,
    say: (text: string) => submit({ type: 'op.say', text }),
    interrupt: () => submit({ type: 'op.interrupt' }),
    /** The nth ending of a turn. */
    ended: async (n = 0) => {
      await until((event) => isTurnEnding(event) && endings().length > n);
      return endings()[n] as (typeof told)[number] & { readonly type: `turn.${string}` };
    },
  };
};
export type Followed = ReturnType<typeof follow>;

export const live = async (wanted: Wanted) => {
  const stage = await newLive(wanted);
  const followed = follow(await stage.runtime.open());
  await followed.nth('session.configured');
  return { ...stage, ...followed };
};
export type Live = Awaited<ReturnType<typeof live>>;

export const inputOf = (server: ModelServer, n: number) =>
  (server.requests[n]?.body['input'] ?? []) as readonly {
    readonly type: string;
    readonly role?: string;
    readonly call_id?: string;
    readonly output?: unknown;
    readonly content?: unknown;
  }[];

export type { Runtime };
