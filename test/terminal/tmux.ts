/** A real terminal: tmux on a socket and a configuration of its own, the program in its only pane. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCE = fileURLToPath(new URL('../cli/source.ts', import.meta.url));
/** As it is published: built before, by `npm run build`. */
export const BUILT = fileURLToPath(new URL('../../cli/turnstile.mjs', import.meta.url));
const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 50;
const run = promisify(execFile);

export interface Pane {
  readonly folder: string;
  keys(...names: readonly string[]): Promise<void>;
  text(words: string): Promise<void>;
  /** What stands on the screen; with the scrollback if asked. */
  screen(withScrollback?: boolean): Promise<string>;
  shows(words: string | RegExp): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  /** The program ended and the shell that started it printed its exit code. */
  exitCode(): Promise<number>;
  end(): void;
}

export const openPane = async (
  args: readonly string[],
  {
    program = SOURCE,
    script,
    columns = 90,
    rows = 28,
  }: { program?: string; script?: readonly (readonly object[])[]; columns?: number; rows?: number } = {},
): Promise<Pane> => {
  const folder = realpathSync(mkdtempSync(join(process.env['TURNSTILE_TEST_ROOT'] ?? tmpdir(), 'turnstile-tmux-')));
  const socket = join(folder, 'tmux');
  const tmux = (...words: readonly string[]) =>
    run('tmux', ['-S', socket, '-f', '/dev/null', ...words]).then(({ stdout }) => stdout);
  const file = join(folder, 'script.json');
  if (script !== undefined) writeFileSync(file, JSON.stringify({ turns: script.map((items) => ({ items })) }));
  const quoted = [process.execPath, program, ...args, ...(script === undefined ? [] : ['--rehearse', file])]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ');
  const env = [
    '-e',
    `HOME=${folder}`,
    '-e',
    `TURNSTILE_HOME=${join(folder, 'home')}`,
    '-e',
    `TURNSTILE_FROM_SOURCE=${program === SOURCE ? '1' : ''}`,
  ];
  await tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), ...env, '-c', folder, '/bin/sh');
  const screen = (withScrollback = false) => tmux('capture-pane', '-p', ...(withScrollback ? ['-S', '-'] : []));
  const shows = async (words: string | RegExp): Promise<string> => {
    const patience = Date.now() + PATIENCE_MS;
    for (;;) {
      const text = await screen();
      if (typeof words === 'string' ? text.includes(words) : words.test(text)) return text;
      if (Date.now() > patience) throw new Error(`the screen never showed ${words}:\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  };
  await tmux('send-keys', '-l', `clear; ${quoted}; echo "ended with $?"`);
  await tmux('send-keys', 'Enter');
  return {
    folder,
    keys: async (...names) => void (await tmux('send-keys', ...names)),
    text: async (words) => void (await tmux('send-keys', '-l', words)),
    screen,
    shows,
    resize: async (nextColumns, nextRows) =>
      void (await tmux('resize-window', '-x', String(nextColumns), '-y', String(nextRows))),
    exitCode: async () => Number(/ended with (\d+)/.exec(await shows(/ended with \d+/))?.[1]),
    end: () => {
      try {
        execFileSync('tmux', ['-S', socket, 'kill-server'], { stdio: 'ignore' });
      } catch {
        // the last shell ended, and the server with it
      }
    },
  };
};
