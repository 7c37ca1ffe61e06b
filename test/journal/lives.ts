/** Sessions of several lives: one that is killed with SIGKILL, in a process of its own, and one that goes on, in this one. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { filter, firstValueFrom, ReplaySubject } from 'rxjs';
import { onTestFinished } from 'vitest';
import type { RuntimeConfig } from '../../actors/contract.ts';
import { blobsOf, readJournal } from '../../actors/journal/reader.ts';
import { replay } from '../../actors/replay/replay.ts';
import { createRuntime } from '../../actors/runtime.ts';
import { resolveConfig } from '../../cli/config.ts';
import type { Delta, FactOf, Op, RuntimeEvent, Stamped } from '../../machines/protocol/index.ts';

export interface Flags {
  readonly rehearse: string;
  readonly approval: 'untrusted' | 'on-failure' | 'on-request' | 'never';
  readonly sandbox: 'read-only' | 'workspace-write' | 'danger-full-access';
}

export const lifeConfig = async (folder: string, flags: Flags, isAttended = true): Promise<RuntimeConfig> => {
  const env = { PATH: process.env['PATH'], HOME: folder, TURNSTILE_HOME: join(folder, 'home') };
  const cwd = join(folder, 'work');
  return (await resolveConfig({ flags, env, cwd, version: '0.0.0', isAttended })).runtime;
};

type Turns = readonly (readonly object[])[];
export type Test = (fact: RuntimeEvent | Delta) => boolean;
export const of =
  (type: RuntimeEvent['type'], n = 1): Test =>
  (fact) =>
    fact.type === type && --n === 0;

export const newLives = (flags: Omit<Flags, 'rehearse'>) => {
  const folder = mkdtempSync(join(tmpdir(), 'turnstile-lives-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['home', 'work']) mkdirSync(join(folder, name));
  const known = { file: null as string | null, scripts: 0 };
  const scriptOf = (turns: Turns): string => {
    const path = join(folder, `script-${known.scripts++}.json`);
    writeFileSync(path, JSON.stringify({ turns: turns.map((items) => ({ items })) }));
    return path;
  };
  const file = (): string => known.file ?? '';
  const reading = () => readJournal(file(), { blobs: blobsOf(join(folder, 'home')) });
  return {
    folder,
    work: join(folder, 'work'),
    ran: (): readonly string[] => {
      const path = join(folder, 'work', 'ran');
      return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
    },
    facts: (): readonly RuntimeEvent[] =>
      reading().records.flatMap((record) => (record.kind === 'fact' ? [record.fact] : [])),
    replayed: () => replay(reading()),
    /** Lives until the fact is told, and is killed then. */
    killed: async (turns: Turns, ops: readonly Op[], until: Test): Promise<void> => {
      const life = { folder, ops, file: known.file, flags: { ...flags, rehearse: scriptOf(turns) } };
      const child = spawn(process.execPath, [join(import.meta.dirname, 'life.process.ts'), JSON.stringify(life)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      const ended = new Promise((resolve) => child.once('close', resolve));
      for await (const line of createInterface(child.stdout)) {
        const fact = JSON.parse(line) as RuntimeEvent | { readonly type: 'journal'; readonly file: string };
        if (fact.type === 'journal') known.file = fact.file;
        else if (until(fact)) break;
      }
      child.kill('SIGKILL');
      await ended;
    },
    /** The next life, here. What it does not begin by itself is up to the test. */
    resume: async (turns: Turns, { isAttended = true, approval = flags.approval } = {}) => {
      const config = await lifeConfig(folder, { ...flags, approval, rehearse: scriptOf(turns) }, isAttended);
      const runtime = createRuntime(config);
      const session = await runtime.open({ resume: { file: file() } });
      const told = new ReplaySubject<Stamped<RuntimeEvent | Delta>>();
      const facts: RuntimeEvent[] = [];
      session.events.subscribe(told);
      told.subscribe((event) => void facts.push(event as RuntimeEvent));
      const close = async () => {
        await session.close();
        await runtime[Symbol.asyncDispose]();
      };
      onTestFinished(close);
      return {
        ...{ session, facts, close },
        next: (test: Test) => firstValueFrom(told.pipe(filter(test))),
        answer: ({ approvalId, question }: FactOf<'approval.requested'>, kind: 'approve' | 'deny') =>
          session.submit({
            ...{ type: 'op.decide', id: `answer-${approvalId}`, approvalId, decision: { kind } },
            planHash: question.planHash,
          }),
      };
    },
  };
};
