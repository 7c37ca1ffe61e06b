/**
 * What the turns of a session changed below its roots: a look before the first command of a turn that may write, one
 * after its end, and the way back. One thing at a time, in the order in which it was asked.
 */
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../machines/kit.ts';
import { isWithin } from '../../sandbox/paths.ts';
import { apply } from './apply.ts';
import { SAVE_PATIENCE_MS, shortened } from './limits.ts';
import { manifestsIn, numberOf, saveManifest } from './manifests.ts';
import { createPace } from './pace.ts';
import { stateAt, takeSnapshot, type Memories } from './snapshot.ts';
import { changesBetween, type Manifest, type State } from './state.ts';
import { createStore } from './store.ts';
import { undo } from './undo.ts';

export interface TurnsOptions {
  /** Where everything is kept; it is made. */
  readonly folder: string;
  readonly without: readonly string[];
  readonly now: () => number;
  readonly newName: () => string;
}
export interface Restored {
  readonly restored: readonly string[];
  /** They are as they were found: why. */
  readonly kept: readonly { readonly path: string; readonly why: string }[];
  readonly notCovered: readonly string[];
}
export interface Turns {
  /** Resolves when everything below the roots is saved, as far as it can be. Never fails. */
  before(turnId: string, roots: readonly string[]): Promise<void>;
  /** The turn is over. */
  settle(turnId: string): Promise<void>;
  /** Takes back what the turns from this number on have changed. */
  restore(from: number, signal: AbortSignal): Promise<Restored>;
}

interface Open {
  readonly roots: Set<string>;
  readonly states: Map<string, State>;
  readonly notCovered: Set<string>;
}

/** Without links on the way to it; a link at the end is itself. */
const realOf = (path: string): string => {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
};
/** Links that lead to a root are the user's, and are followed once. */
const rootOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return realOf(path);
  }
};

export const createTurns = ({ folder, without, now, newName }: TurnsOptions): Turns => {
  const store = createStore(folder, newName);
  const memories: Memories = new Map();
  const open = new Map<string, Open>();
  const line: { tail: Promise<unknown> } = { tail: Promise.resolve() };
  const next = <T>(work: () => Promise<T>): Promise<T> => {
    const done = line.tail.then(work);
    line.tail = done.catch(() => undefined);
    return done;
  };
  const look = (roots: readonly string[], until: number) =>
    takeSnapshot({ roots, without, store, memories, pace: createPace(now), now, until });
  const save = (turnId: string, state: Manifest['state'], { roots, notCovered }: Open, changes: Manifest['changes']) =>
    saveManifest(folder, {
      v: 1,
      turnId,
      state,
      roots: [...roots],
      changes,
      notCovered: shortened([...notCovered]),
    });

  const begin = async (turnId: string, roots: readonly string[]): Promise<void> => {
    const known = open.get(turnId) ?? { roots: new Set(), states: new Map(), notCovered: new Set() };
    open.set(turnId, known);
    const more = [...new Set(roots.map(rootOf))].filter((root) => ![...known.roots].some((one) => isWithin(root, one)));
    if (more.length === 0) return;
    try {
      const { states, notCovered } = await look(more, now() + SAVE_PATIENCE_MS);
      for (const [path, state] of states) known.states.set(path, state);
      for (const words of notCovered) known.notCovered.add(words);
    } catch (error) {
      known.notCovered.add(`${more.join(', ')} (${messageOf(error)})`);
      return;
    }
    for (const root of more) known.roots.add(root);
    save(turnId, 'open', known, []);
  };

  const settle = async (turnId: string): Promise<void> => {
    const known = open.get(turnId);
    open.delete(turnId);
    if (known === undefined) return;
    const after = await look([...known.roots], Number.POSITIVE_INFINITY);
    for (const words of after.notCovered) known.notCovered.add(words);
    save(turnId, 'settled', known, changesBetween(known.states, after.states));
    for (const path of memories.keys()) if (!after.states.has(path)) memories.delete(path);
  };

  const restore = async (from: number, signal: AbortSignal): Promise<Restored> => {
    const manifests = manifestsIn(folder).filter(({ turnId, state }) => numberOf(turnId) >= from && state !== 'undone');
    const roots = [...new Set(manifests.flatMap((manifest) => manifest.roots))];
    const { steps, kept, notCovered } = undo(manifests, stateAt);
    const [restored, left] = [new Set<string>(), [...kept]];
    const pace = createPace(now);
    for (const { path, ...change } of steps) {
      await pace();
      const root = roots.filter((one) => isWithin(path, one)).sort((one, other) => other.length - one.length)[0] ?? '/';
      const why = signal.aborted ? 'there was no time left' : apply({ root, path, ...change }, store, newName());
      if (why === null) restored.add(path);
      else left.push({ path, why });
    }
    if (!signal.aborted) for (const manifest of manifests) saveManifest(folder, { ...manifest, state: 'undone' });
    return { restored: [...restored], kept: left, notCovered };
  };

  return {
    before: (turnId, roots) => next(() => begin(turnId, roots)).catch(() => undefined),
    settle: (turnId) => next(() => settle(turnId)).catch(() => undefined),
    restore: (from, signal) => next(() => restore(from, signal)),
  };
};
