/** Programs of the user's for the live tests: lines of configuration that run a script in a shell, and what came of them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { factsOf } from '../../actors/processes/procfs.ts';
import { becomes } from '../processes/bench.ts';
import { inputOf, live, newFolder, type Live, type Wanted } from './stage.ts';

export interface HookWanted {
  readonly matcher?: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly trusted?: boolean;
  readonly required?: boolean;
}

const toml = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(toml).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).filter(([, part]) => part !== undefined);
  return `{${pairs.map(([key, part]) => `${key} = ${toml(part)}`).join(', ')}}`;
};

export const hook = (event: string, command: string, { matcher, ...wanted }: HookWanted = {}): string =>
  `hooks.${event}=${toml([{ matcher, hooks: [{ command, ...wanted }] }])}`;

/** Keeps what it is told, line by line. */
export const keeps = (file: string): string => `cat >> ${file}; echo >> ${file}`;
/** Says no, and why. */
export const refuses = (why: string): string => `echo ${why} >&2; exit 2`;
/** Answers with JSON. */
export const answers = (answer: object): string => `printf %s '${JSON.stringify(answer)}'`;

/** Generous against a busy machine. Milliseconds. */
const SOON_MS = 20_000;
/** Writes its pid and that of its child into a file, and never ends. */
export const hangs = (file: string): string => `sleep 1000 & echo $$ $! > ${file}; wait`;

/** Sessions with hooks, and folders of their own; `end` closes all of them. */
export const hooked = () => {
  const open: Live[] = [];
  const folders: ReturnType<typeof newFolder>[] = [];
  return {
    begin: async (config: readonly string[], wanted: Wanted): Promise<Live> => {
      const on = await live({ ...wanted, flags: { ...wanted.flags, config } });
      open.push(on);
      return on;
    },
    file: (name: string): string => {
      const made = newFolder();
      folders.push(made);
      return join(made.folder, name);
    },
    end: async (): Promise<void> => {
      for (const one of open.splice(0)) await one.close();
      for (const { remove } of folders.splice(0)) remove();
    },
  };
};

export const made = ({ folder }: Live, name: string): boolean => existsSync(join(folder, name));
export const told = (file: string): readonly Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
export const outputs = (on: Live, request: number): readonly string[] =>
  inputOf(on.server, request).flatMap(({ type, output }) =>
    type === 'function_call_output' ? [JSON.stringify(output)] : [],
  );
export const ranOf = (on: Live): readonly string[] =>
  on.of('hook.ran').map(({ hook: name, outcome }) => `${name} ${outcome}`);
export const warnings = (on: Live): readonly string[] => on.of('session.warned').map(({ message }) => message);
export const pidsIn = async (file: string): Promise<readonly number[]> => {
  await becomes(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), SOON_MS);
  return readFileSync(file, 'utf8').trim().split(' ').map(Number);
};
export const alive = (pids: readonly number[]): readonly number[] => pids.filter((pid) => factsOf(pid) !== null);
export const nobodyOf = (pids: readonly number[]) => becomes(() => alive(pids).length === 0, SOON_MS);
