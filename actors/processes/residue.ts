/**
 * Mount points that a sandbox makes on the host because a path does not exist: empty, and not the user's. They are taken
 * away when the last run that needs them is over, in whichever process: to remove one takes the mount away from everybody
 * who stands on it. What existed before, and what is no longer empty, stays. What a killed process left is swept later.
 */
import { lstatSync, rmdirSync, unlinkSync } from 'node:fs';
import { openMarkers, type Marker, type Markers } from './residue.markers.ts';

export interface Residue {
  /** Call before the spawn. The function takes away what is left. */
  expect(paths: readonly string[]): () => void;
  /** Takes away what processes that were killed have left behind. */
  sweep(): void;
}

/** Longest wait for one that is about to take its mount points away; it takes microseconds, unless it is stopped. Milliseconds. */
const LEAVING_MS = 250;

/** The same for every process of a user, whatever its environment says. */
const sharedFolder = (): string => `/tmp/turnstile-${process.getuid?.() ?? 'me'}-mounts`;

const exists = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
};

const takeAway = (path: string) => {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) rmdirSync(path);
    else if (found?.isFile() && found.size === 0) unlinkSync(path);
  } catch {
    // not empty, or not ours to remove: then it stays
  }
};

const pause = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const sharesOne = (left: readonly string[], right: readonly string[]): boolean =>
  left.some((path) => right.includes(path));

const clear = (markers: Markers, path: string, mounts: readonly string[]) => {
  const left = markers.leave(path);
  if (left === null) return;
  const needed = new Set(
    markers.all().flatMap(({ mounts: theirs, isLeaving, isAlive }) => (isAlive && !isLeaving ? theirs : [])),
  );
  for (const mount of mounts.toReversed()) if (!needed.has(mount)) takeAway(mount);
  markers.remove(left);
};

const sweepWith = (markers: Markers) => {
  for (const { path, mounts, isAlive } of markers.all()) if (!isAlive) clear(markers, path, mounts);
};

/** The pause is for a fact of another process that cannot tell us: there is nobody to subscribe to. */
const awaitLeavers = (markers: Markers, mounts: readonly string[]) => {
  const blocks = ({ isLeaving, isAlive, mounts: theirs }: Marker) => isLeaving && isAlive && sharesOne(theirs, mounts);
  for (let waited = 0; waited < LEAVING_MS && markers.all().some(blocks); waited += 1) pause(1);
};

/** Alone, without a folder to tell others: whoever ends first takes away what it made. */
const expectAlone = (paths: readonly string[]) => {
  const ours = paths.filter((path) => !exists(path));
  return () => {
    for (const path of ours.splice(0).reverse()) takeAway(path);
  };
};

export const createResidue = (folder = sharedFolder()): Residue => {
  const sweep = () => {
    const markers = exists(folder) ? openMarkers(folder) : null;
    if (markers !== null) sweepWith(markers);
  };
  return {
    sweep,
    expect: (paths) => {
      if (paths.length === 0) return () => {};
      const markers = openMarkers(folder);
      if (markers === null) return expectAlone(paths);
      sweepWith(markers);
      // In this order: a path that is there and in nobody's list is the user's.
      const known = new Set(markers.all().flatMap(({ mounts }) => mounts));
      const ours = paths.filter((path) => known.has(path) || !exists(path));
      if (ours.length === 0) return () => {};
      const path = markers.put(ours);
      awaitLeavers(markers, ours);
      return () => clear(markers, path, ours);
    },
  };
};
