/**
 * What Linux tells about processes, read synchronously: a hunt must not be overtaken while it looks. Everything here
 * answers with less (null, an empty list) where /proc is missing or says nothing.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

const buffer = Buffer.allocUnsafe(64 * 1024);

/** The bytes are lent, until the next read. */
const read = (path: string): Buffer | null => {
  try {
    const fd = openSync(path, 'r');
    try {
      return buffer.subarray(0, readSync(fd, buffer));
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
};

/** Null when it is gone; a zombie is gone, somebody merely has not said so yet. */
export const factsOf = (pid: number): ProcessFacts | null => {
  const line = read(`/proc/${pid}/stat`)?.toString('latin1');
  if (!line) return null;
  // The name stands in parentheses and may contain anything, even parentheses.
  const [state, parent, group, session] = line.slice(line.lastIndexOf(')') + 2).split(' ', 4);
  if (state === 'Z' || state === 'X') return null;
  return { pid, parent: Number(parent), group: Number(group), session: Number(session) };
};

/** Whether the text stands in the environment with which it was started. Without an answer: no. */
export const carries = (pid: number, text: string): boolean => {
  try {
    const fd = openSync(`/proc/${pid}/environ`, 'r');
    try {
      for (let kept = 0; ;) {
        const count = readSync(fd, buffer, kept, buffer.length - kept, null);
        if (count === 0) return false;
        const bytes = buffer.subarray(0, kept + count);
        if (bytes.includes(text)) return true;
        kept = Math.min(text.length, bytes.length); // it may lie across two reads
        buffer.copyWithin(0, bytes.length - kept, bytes.length);
      }
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
};

/** SIGTERM will not end it, because it ignores it. One that blocks it may only be busy: bash does whenever it forks. */
export const isDeafToTerm = (pid: number): boolean => {
  const status = read(`/proc/${pid}/status`)?.toString('latin1') ?? '';
  const ignored = /^SigIgn:\s*([0-9a-f]+)/m.exec(status)?.[1];
  return ignored !== undefined && (BigInt(`0x${ignored}`) & (1n << 14n)) !== 0n;
};

export const allPids = (): number[] => {
  try {
    return readdirSync('/proc')
      .filter((name) => name.charCodeAt(0) <= 57)
      .map(Number)
      .filter(Number.isInteger);
  } catch {
    return [];
  }
};

/** The process id given out last; null where nobody says. */
export const lastPid = (): number | null => {
  const last = Number(read('/proc/loadavg')?.toString('latin1').trim().split(' ')[4]);
  return Number.isInteger(last) ? last : null;
};

export const pidLimit = (): number => Number(read('/proc/sys/kernel/pid_max')?.toString('latin1')) || 0;
