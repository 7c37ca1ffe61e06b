/** All that is made of the output of one command: what is kept, shown, counted, and written to a file when it is long. */
import { KEPT_OUTPUT_BYTES, SPILL_BYTES } from '../../machines/limits.ts';
import { createKept } from './kept.ts';
import { createPrinter, wholeCharacters } from './printed.ts';
import { openSpill, type Spill } from './spill.ts';

const NEWLINE = 10;

const countLines = (bytes: Uint8Array): number => {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === NEWLINE) count++;
  return count;
};

export interface Yield {
  readonly output: string;
  readonly omittedBytes: number;
  readonly totalBytes: number;
  readonly lines: number;
  readonly spill: string | undefined;
}

export interface Harvest {
  /** The bytes are only lent: nothing keeps them. */
  readonly stdout: (bytes: Uint8Array) => void;
  readonly stderr: (bytes: Uint8Array) => void;
  /** A line of ours, after all that was said. */
  readonly remark: (line: string) => void;
  readonly finish: () => Yield;
}

export interface HarvestPorts {
  readonly print: (stream: 'stdout' | 'stderr', chunk: string) => void;
  /** Hears all of it, too; the bytes are only lent. */
  readonly also?: ((bytes: Uint8Array) => void) | undefined;
  readonly spillFolder: string | null;
  readonly spillName: string;
}

export const createHarvest = ({ print, also, spillFolder, spillName }: HarvestPorts): Harvest => {
  const kept = createKept(KEPT_OUTPUT_BYTES);
  const show = createPrinter(print);
  let spill: Spill | null = null;
  let newlines = 0;
  let lastByte = NEWLINE;

  const stream = (name: 'stdout' | 'stderr') =>
    wholeCharacters((bytes) => {
      if (spill === null && kept.totalBytes() + bytes.length > KEPT_OUTPUT_BYTES) {
        spill = openSpill(spillFolder, spillName, SPILL_BYTES);
        spill.add(kept.whole()); // nothing is left out yet, so this is everything
      }
      spill?.add(bytes);
      kept.add(bytes);
      newlines += countLines(bytes);
      lastByte = bytes[bytes.length - 1] ?? lastByte;
      also?.(bytes);
      show(name, bytes);
    });
  const [stdout, stderr] = [stream('stdout'), stream('stderr')];

  return {
    stdout: stdout.add,
    stderr: stderr.add,
    remark: (line) => stderr.add(Buffer.from(`${lastByte === NEWLINE ? '' : '\n'}${line}\n`)),
    finish: () => {
      stdout.end();
      stderr.end();
      return {
        output: kept.text(),
        omittedBytes: kept.omittedBytes(),
        totalBytes: kept.totalBytes(),
        lines: newlines + (lastByte === NEWLINE ? 0 : 1),
        spill: spill?.close(),
      };
    },
  };
};
