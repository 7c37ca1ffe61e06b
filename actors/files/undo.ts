/**
 * What a rewind over some turns comes to, path by path: from the newest turn back, as far as each turn found what the one
 * before it (or the disk) left. Pure.
 */
import { byDepth } from '../../sandbox/paths.ts';
import { isSame, type Manifest, type State } from './state.ts';

export interface Step {
  readonly path: string;
  readonly from: State;
  readonly to: State;
}
export interface Undoing {
  /** In the order in which they can be done. */
  readonly steps: readonly Step[];
  readonly kept: readonly { readonly path: string; readonly why: string }[];
  readonly notCovered: readonly string[];
}

const CHANGED = 'it was changed since by somebody else';
const UNSAVED = 'its contents were not saved';

const isKnown = (state: State): boolean => state.kind !== 'file' || (state.hash !== null && state.isSaved);

const OWNER_MAY = 0o700;
const isClosed = (state: State): boolean => state.kind === 'folder' && (state.mode & OWNER_MAY) !== OWNER_MAY;
const isMode = ({ from, to }: Step): boolean => from.kind === 'folder' && to.kind === 'folder';
const isGoing = ({ from, to }: Step): boolean =>
  !isMode({ path: '', from, to }) && (to.kind === 'absent' || from.kind === 'folder');

/** A folder that nobody may write is made open, and closed when everything is in it. */
const inTwo = (step: Step): readonly Step[] => {
  const { path, from, to } = step;
  if (to.kind !== 'folder' || from.kind === 'folder' || !isClosed(to)) return [step];
  const open: State = { kind: 'folder', mode: to.mode | OWNER_MAY };
  return [
    { path, from, to: open },
    { path, from: open, to },
  ];
};

/** Folders are opened, then what goes goes from below, then what comes comes from above, then folders are closed. */
const inOrder = (steps: readonly Step[]): readonly Step[] => {
  const sorted = steps.flatMap(inTwo).sort((left, right) => byDepth(left.path, right.path));
  const opens = (step: Step) => isMode(step) && !isClosed(step.to);
  const closes = (step: Step) => isMode(step) && isClosed(step.to);
  return [
    ...sorted.filter(opens),
    ...sorted.filter(isGoing).reverse(),
    ...sorted.filter((step) => !isMode(step) && !isGoing(step)),
    ...sorted.filter(closes).reverse(),
  ];
};

/** `manifests`: newest first. `now`: what stands at a path. */
export const undo = (manifests: readonly Manifest[], now: (path: string) => State): Undoing => {
  const paths = new Set(manifests.flatMap(({ changes }) => changes.map(({ path }) => path)));
  const byPath = manifests.map(({ changes }) => new Map(changes.map((change) => [change.path, change])));
  const steps: Step[] = [];
  const kept: { path: string; why: string }[] = [];
  const notCovered: string[] = [];
  for (const path of paths) {
    const from = now(path);
    let to = from;
    for (const changes of byPath) {
      const change = changes.get(path);
      if (change === undefined || isSame(to, change.before)) continue;
      if (!isSame(to, change.after)) {
        kept.push({ path, why: CHANGED });
        break;
      }
      if (!isKnown(change.before)) {
        notCovered.push(`${path} (${UNSAVED})`);
        break;
      }
      to = change.before;
    }
    if (!isSame(from, to)) steps.push({ path, from, to });
  }
  const open = manifests.filter(({ state }) => state === 'open').map(({ turnId }) => `${turnId}: its end was not seen`);
  return {
    steps: inOrder(steps),
    kept,
    notCovered: [...new Set([...notCovered, ...open, ...manifests.flatMap((one) => one.notCovered)])],
  };
};
