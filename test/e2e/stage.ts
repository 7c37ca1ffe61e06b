/** The real program before a real model server: what the end-to-end tests share. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { Line } from '../../cli/json-schema.ts';
import { linesOf, newPlace } from '../cli/program.ts';
import type { Scenario } from '../model-server/scenario.ts';
import { startModelServer } from '../model-server/server.ts';

export const say = (text: string) => ({ items: [{ type: 'text', text } as const] });
export const shell = (command: string) => ({ items: [{ type: 'shell', command } as const] });

export const newStage = async (...turns: Scenario['turns']) => {
  const server = await startModelServer({ turns });
  onTestFinished(() => server.close());
  const place = newPlace();
  const args = ['--json', '-m', 'm', '-c', `openai_base_url="${server.url}"`];
  const env = { OPENAI_API_KEY: 'k' };
  const begin = (...more: readonly string[]) => {
    const running = place.start(['exec', ...args, ...more], { env });
    onTestFinished(() => void running.child.kill('SIGKILL'));
    return running;
  };
  return { ...place, server, begin, exec: (...more: readonly string[]) => begin(...more).ended };
};

/** The lines of a run, which have to keep what is promised of any: valid, dense, every item ended, one terminal, last. */
export const validLines = (out: string) => {
  const lines = linesOf(out);
  for (const line of lines) expect(Line.safeParse(line).error).toBeUndefined();
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, i) => i));
  const terminals = lines.filter(({ type }) => /^turn\.(completed|failed|aborted)$/.test(type));
  expect(terminals).toEqual([lines.at(-1)]);
  const idsOf = (wanted: string) =>
    lines.filter(({ type }) => type === wanted).map(({ item }) => (item as { readonly id: string }).id);
  const completed = idsOf('item.completed');
  expect(new Set(completed).size).toBe(completed.length);
  expect(completed).toEqual(expect.arrayContaining(idsOf('item.started')));
  return lines;
};

/** Every journal under a home: its whole lines, parsed. */
export const journalLines = (home: string): readonly unknown[] =>
  readdirSync(join(home, 'sessions'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) =>
      readFileSync(join(home, 'sessions', name), 'utf8')
        .split('\n')
        .slice(0, -1),
    )
    .map((line) => JSON.parse(line) as unknown);
