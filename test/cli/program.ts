/** Runs the real program in a folder of its own, as a user would. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./source.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
  readonly tookMs: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout holds these words. */
  said(words: string): Promise<void>;
}

export const newPlace = () => {
  const folder = realpathSync(mkdtempSync(join(process.env['TURNSTILE_TEST_ROOT'] ?? tmpdir(), 'turnstile-e2e-')));
  const home = join(folder, 'home');
  const script = (...turns: readonly (readonly object[])[]): string => {
    const file = join(folder, `script-${Math.random().toString(36).slice(2)}.json`);
    writeFileSync(file, JSON.stringify({ turns: turns.map((items) => ({ items })) }));
    return file;
  };
  const start = (
    args: readonly string[],
    {
      stdin = 'ignore',
      env = {},
      within = [],
    }: {
      readonly stdin?: 'ignore' | 'pipe' | number;
      readonly env?: Record<string, string>;
      /** The program that starts it, with its arguments. */
      readonly within?: readonly string[];
    } = {},
  ): Running => {
    const began = performance.now();
    const [file = process.execPath, ...before] = [...within, process.execPath];
    const child = spawn(file, [...before, PROGRAM, ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, TURNSTILE_HOME: home, ...env },
      stdio: [stdin, 'pipe', 'pipe'],
    });
    const text = { out: '', err: '' };
    const waiting: { words: string; resolve: () => void }[] = [];
    const hear = () => {
      for (const { words, resolve } of waiting) if (text.out.includes(words)) resolve();
    };
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => ((text.out += chunk), hear()));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text.err += chunk));
    return {
      child,
      ended: new Promise((resolve) =>
        child.on('close', (code, signal) => resolve({ code, signal, ...text, tookMs: performance.now() - began })),
      ),
      said: (words) =>
        new Promise((resolve) => {
          waiting.push({ words, resolve });
          hear();
        }),
    };
  };
  return { folder, home, script, start, run: (args: readonly string[], options = {}) => start(args, options).ended };
};

export const linesOf = (out: string): readonly { readonly type: string; readonly [key: string]: unknown }[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
