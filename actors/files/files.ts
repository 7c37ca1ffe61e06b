/**
 * The files of a session: they are saved before a turn may change them, and a rewind brings them back. Nothing is looked
 * at, and nothing of this is loaded, before the first command that may write.
 *
 * Covered is what lies below the folders that commands may write without a question, and what a patch says it writes.
 * What a command writes elsewhere, what lies in folders that can be made again, and what a background terminal writes
 * between the turns is not.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { messageOf } from '../../machines/kit.ts';
import type { RestoreInput } from '../../machines/leaves.ts';
import type { FilesRestored, Grant, RuntimeEvent } from '../../machines/protocol/index.ts';
import type { Spawn } from '../../sandbox/plan.ts';
import { confines, type SandboxPolicy } from '../../sandbox/policy.ts';
import { MAX_TOLD, SETTLE_WAIT_MS, shortened } from './limits.ts';
import { numberOf } from './manifests.ts';
import type { Restored, Turns } from './turns.ts';

export interface FilesOptions {
  /** The session; null: it is not kept, and neither is anything here. */
  readonly id: string | null;
  readonly home: string;
  readonly cwd: string;
  readonly sandbox: SandboxPolicy;
  /** What it was told in former lives. */
  readonly former: readonly RuntimeEvent[];
  readonly grants: readonly Grant[];
  readonly now: () => number;
}
export interface Files {
  /** Must be waited for before the process starts. */
  before(turnId: string, spawn: Spawn): Promise<void>;
  /** The turn is over; resolves when it is known what it changed, or when that takes long. */
  settle(turnId: string): Promise<void>;
  /** Back to what was before the turn that heard these words. */
  restore(input: RestoreInput, signal: AbortSignal): Promise<FilesRestored>;
  hear(fact: RuntimeEvent): void;
  /** Resolves when nothing is being looked at any more. */
  rest(): Promise<void>;
}

const NOTHING: Restored = { restored: [], kept: [], notCovered: [] };

export const createFiles = ({ id, home, cwd, sandbox, former, grants, now }: FilesOptions): Files => {
  const turnOf = new Map<string, number>();
  const granted = new Set(grants.flatMap((grant) => (grant.kind === 'path' ? [grant.path] : [])));
  const own: { turns: Promise<Turns> | null; last: Promise<void> } = { turns: null, last: Promise.resolve() };
  const place = join(home, 'sessions', 'files');

  const hear = (fact: RuntimeEvent): void => {
    if (fact.type === 'grant.given' && fact.grant.kind === 'path') granted.add(fact.grant.path);
    if (fact.type !== 'items.recorded') return;
    for (const item of fact.items)
      if (item.type === 'user' && item.inputId !== undefined && !turnOf.has(item.inputId))
        turnOf.set(item.inputId, numberOf(fact.turnId));
  };
  former.forEach(hear);

  const load = async (session: string): Promise<Turns> => {
    const [{ createTurns }, { sweep }] = await Promise.all([import('./turns.ts'), import('./sweep.ts')]);
    sweep(place, session, now());
    return createTurns({ folder: join(place, session), without: [home], now, newName: randomUUID });
  };
  const turns = (session: string): Promise<Turns> => (own.turns ??= load(session));

  const mayWrite = ({ backend, writes = [] }: Spawn): boolean =>
    !confines(sandbox) || sandbox.kind !== 'readOnly' || backend === 'direct' || granted.size + writes.length > 0;
  const rootsOf = ({ backend, writes = [] }: Spawn): readonly string[] => [
    ...(backend === 'direct' ? [cwd] : []),
    ...(sandbox.kind === 'workspaceWrite' ? sandbox.writableRoots : [cwd]),
    ...granted,
    ...writes,
  ];

  return {
    hear,
    before: async (turnId, spawn) => {
      if (id === null || !mayWrite(spawn)) return;
      await turns(id).then(
        (all) => all.before(turnId, rootsOf(spawn)),
        () => undefined, // no room, no right: the command runs, and a rewind says that nothing was saved
      );
    },
    settle: (turnId) => {
      if (own.turns === null) return Promise.resolve();
      own.last = own.turns.then((all) => all.settle(turnId)).catch(() => undefined);
      const patience = new Promise<void>((resolve) => void setTimeout(resolve, SETTLE_WAIT_MS).unref());
      return Promise.race([own.last, patience]);
    },
    restore: async ({ inputId, running }, signal) => {
      if (id === null) return { ...NOTHING, notCovered: ['a session that is not kept saves no files'] };
      const from = turnOf.get(inputId);
      const done = await turns(id)
        .then((all) => all.restore(from ?? 0, signal))
        .catch((error: unknown) => ({ ...NOTHING, notCovered: [`everything: ${messageOf(error)}`] }));
      const earlier = from === undefined ? ['what was done before this session began'] : [];
      const busy = running.map((what) => `what still runs may write again: ${what}`);
      return {
        restored: shortened(done.restored),
        kept: done.kept.slice(0, MAX_TOLD),
        notCovered: shortened([
          ...[...earlier, ...busy, ...done.notCovered],
          ...(done.kept.length > MAX_TOLD ? [`${done.kept.length - MAX_TOLD} more that were kept`] : []),
        ]),
      };
    },
    rest: async () => {
      await own.last;
    },
  };
};
