/** A terminal as a program sees it, and what stands on its glass: keys in, bytes out, read back through a terminal emulator. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import xterm from '@xterm/headless';
import type { Streams } from '../../cli/streams.ts';

export interface Glass {
  readonly streams: Streams;
  type(bytes: string): void;
  resize(columns: number, rows: number): void;
  /** All rows, the scrollback first; a line that the terminal itself broke is one. */
  lines(): Promise<readonly string[]>;
  /** Resolves when a row holds these words. */
  shows(words: string | RegExp): Promise<void>;
  readonly bytes: () => string;
  readonly terminal: xterm.Terminal;
}

const PATIENCE_MS = 20_000;

export const newGlass = (columns: number, rows: number): Glass => {
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 100_000, allowProposedApi: true });
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
  const stdout = Object.assign(new EventEmitter(), { columns, rows });
  const said = { bytes: '' };
  const written = new EventEmitter();
  const out = (text: string): void => {
    said.bytes += text;
    // A terminal breaks the line for a bare newline only in raw mode; the program says \r\n where it means it.
    terminal.write(text.replace(/(?<!\r)\n/g, '\r\n'), () => written.emit('written'));
  };
  const lines = (): Promise<readonly string[]> =>
    new Promise((resolve) =>
      terminal.write('', () => {
        const { active } = terminal.buffer;
        const all: string[] = [];
        for (let i = 0; i < active.length; i += 1) {
          const line = active.getLine(i);
          const text = line?.translateToString(true) ?? '';
          if (line?.isWrapped === true) all.push((all.pop() ?? '') + text);
          else all.push(text);
        }
        resolve(all);
      }),
    );
  return {
    streams: {
      out,
      err: out,
      isOutTty: true,
      isErrTty: true,
      isInTty: true,
      stdin: stdin as unknown as Streams['stdin'],
      stdout: stdout as unknown as Streams['stdout'],
      flush: async () => undefined,
    },
    type: (bytes) => void stdin.write(bytes),
    resize: (nextColumns, nextRows) => {
      terminal.resize(nextColumns, nextRows);
      stdout.columns = nextColumns;
      stdout.rows = nextRows;
      stdout.emit('resize');
    },
    lines,
    shows: async (words) => {
      const patience = Date.now() + PATIENCE_MS;
      for (;;) {
        const all = await lines();
        if (all.some((line) => (typeof words === 'string' ? line.includes(words) : words.test(line)))) return;
        if (Date.now() > patience) throw new Error(`the screen never showed ${words}:\n${all.slice(-30).join('\n')}`);
        await Promise.race([
          new Promise((resolve) => written.once('written', resolve)),
          new Promise((resolve) => setTimeout(resolve, 500).unref()),
        ]);
      }
    },
    bytes: () => said.bytes,
    terminal,
  };
};
