/**
 * The folder that stands in for /tmp while a session's commands run. It is ours alone, under our own home, and named after
 * the process that made it: what a killed process left behind is recognised by that, and swept by the next one.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface Scratch {
  readonly folder: string;
  /** Removes it and everything in it. */
  remove(): void;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const sweep = (place: string): void => {
  for (const name of readdirSync(place)) {
    const pid = Number(name.split('-', 1)[0]);
    if (Number.isInteger(pid) && pid > 0 && !isAlive(pid)) rmSync(join(place, name), { recursive: true, force: true });
  }
};

/** Null where the home cannot be written: commands then get an empty /tmp that ends with them. */
export const createScratch = (home: string, id: string): Scratch | null => {
  const place = join(home, 'tmp');
  const own = join(place, `${process.pid}-${id}`);
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 });
    sweep(place);
    mkdirSync(own, { mode: 0o700 });
  } catch {
    return null;
  }
  return { folder: join(own, 'tmp'), remove: () => rmSync(own, { recursive: true, force: true }) };
};
