/** A story that broke a promise, written as a journal: what replays and draws a session opens it as well. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { JOURNAL_VERSION } from '../../actors/journal/line.ts';
import { createRecorder } from '../../actors/recorder.ts';
import { judgeOf } from '../machines/invariants.ts';
import { createWorld } from '../machines/world.ts';
import { pick } from './stories.ts';

const FOLDER = fileURLToPath(new URL('../failures/', import.meta.url));

export const saveFailure = (
  story: readonly number[],
  names: string[],
  seed: number,
  { isAttended }: { readonly isAttended: boolean },
): { readonly file: string; readonly error: string } => {
  const lines: object[] = [
    {
      v: JOURNAL_VERSION,
      kind: 'session',
      id: `story-${seed}`,
      t: 0,
      cwd: '/',
      version: 'test',
      node: process.version,
      model: 'm',
      provider: 'p',
      machines: {},
      approval: 'onRequest',
      sandbox: 'none',
    },
  ];
  const append = (record: object): { seq: number } => {
    const seq = lines.length;
    lines.push({ seq, t: seq, ...record });
    return { seq };
  };
  const recorder = createRecorder({ append } as unknown as Parameters<typeof createRecorder>[0]); // the one method it uses
  const world = createWorld({ isAttended, inspect: recorder.inspect });
  const judge = judgeOf(world);
  const told = { facts: 0, error: '' };
  const tellFacts = (): void => {
    const facts = world.facts();
    for (; told.facts < facts.length; told.facts++)
      append({ kind: 'fact', fact: facts[told.facts], cause: recorder.cause() });
  };
  try {
    for (const n of story) {
      const choices = world.enabled();
      if (choices.length === 0) break;
      const choice = pick(choices, n);
      names.push(choice.name);
      world.take(choice);
      tellFacts();
      judge.check();
    }
    names.push('(the end: interrupt, silence, close)');
    judge.end();
  } catch (error) {
    told.error = String(error);
  }
  tellFacts();
  mkdirSync(FOLDER, { recursive: true });
  const file = `${FOLDER}story-${seed}.jsonl`;
  writeFileSync(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  return { file, error: told.error };
};
