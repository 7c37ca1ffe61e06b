/**
 * Descriptors that whoever called us left open for everybody. A command would inherit them with its own: what they lead
 * to is none of its business, whatever sandbox it is in. Ours are closed by the system at each start of a
 * program, and Node sees to the lowest sixteen. A command finds nothing in the place of the others.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** O_CLOEXEC as /proc tells it. */
const CLOSES = 0o2000000;
/** Higher ones are not covered: they would make the table of each command as long. */
const HIGHEST = 255;

const isLeftOpen = (fd: number): boolean => {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSES) === 0;
  } catch {
    return false;
  }
};

/** Beyond the three that everybody has. Empty where nobody can say. */
export const strangers = (): readonly number[] => {
  try {
    return readdirSync('/proc/self/fd')
      .map(Number)
      .filter((fd) => fd > 2 && fd <= HIGHEST && isLeftOpen(fd));
  } catch {
    return [];
  }
};
