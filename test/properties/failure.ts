/**
 * A story that broke a promise, written as two journals: as chance first told it, and as the shortest that breaks it too.
 * What replays and draws a session opens them as well; the step that broke the promise is the last, and is marked.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JOURNAL_VERSION } from '../../actors/journal/line.ts';
import { createRecorder } from '../../actors/recorder.ts';
import { chartHashes } from '../../machines/charts.ts';
import { judgeOf } from '../machines/invariants.ts';
import { createWorld, HOOKED, SESSION_INPUT, type World } from '../machines/world.ts';
import { pick } from './stories.ts';

export const FAILURES = fileURLToPath(new URL('../failures/', import.meta.url));

export interface Broken {
  readonly error: string;
  /** Names of the choices; played by name (`world.play`) they break the promise again, also when numbers mean something else. */
  readonly names: readonly string[];
}

export interface StoryOptions {
  readonly isAttended: boolean;
  readonly hooks?: keyof typeof HOOKED | undefined;
  readonly judge?: ((world: World) => { check(): void; end(): void }) | undefined;
}

/** The journal of a story, line by line, and what it broke; null: nothing. */
export const storyAsJournal = (
  id: string,
  story: readonly number[],
  { isAttended, hooks = 'none', judge: judged = judgeOf }: StoryOptions,
): { readonly text: string; readonly broken: Broken | null } => {
  const lines: object[] = [];
  const append = (record: object): { seq: number } => {
    const seq = lines.length + 1; // the head is line 0 and comes last
    lines.push({ seq, t: seq, ...record });
    return { seq };
  };
  const recorder = createRecorder({ append } as unknown as Parameters<typeof createRecorder>[0]); // the one method it uses
  const world = createWorld({
    isAttended,
    hooks,
    inspect: recorder.inspect,
    onFact: (fact) => void append({ kind: 'fact', fact, cause: recorder.cause() }),
  });
  const judge = judged(world);
  const names: string[] = [];
  let error: string | null = null;
  try {
    for (const n of story) {
      const choices = world.enabled();
      if (choices.length === 0) break;
      const choice = pick(choices, n);
      names.push(choice.name);
      world.take(choice);
      judge.check();
    }
    names.push('(the end: interrupt, silence, close)');
    judge.end();
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
    append({ kind: 'broken', promise: error, step: names.length, after: names.at(-1), names });
  }
  const { settings, ...input } = SESSION_INPUT;
  const head = {
    v: JOURNAL_VERSION,
    kind: 'session',
    id,
    t: 0,
    cwd: SESSION_INPUT.cwd,
    version: 'test',
    node: process.version,
    model: SESSION_INPUT.model,
    provider: SESSION_INPUT.provider,
    machines: chartHashes(world.actor.logic),
    input: { ...input, settings: { ...settings, isAttended, ...HOOKED[hooks] } },
    approval: SESSION_INPUT.approvalPolicy,
    sandbox: 'none',
  };
  const text = [head, ...lines].map((line) => JSON.stringify(line)).join('\n');
  return { text: `${text}\n`, broken: error === null ? null : { error, names } };
};

/** Writes both, and says where. */
export const saveFailure = (
  {
    seed,
    first,
    shrunk,
  }: { readonly seed: number; readonly first: readonly number[]; readonly shrunk: readonly number[] },
  options: StoryOptions,
  folder: string = FAILURES,
): { readonly files: readonly string[]; readonly broken: Broken | null } => {
  mkdirSync(folder, { recursive: true });
  const write = (id: string, story: readonly number[]) => {
    const { text, broken } = storyAsJournal(id, story, options);
    const file = join(folder, `${id}.jsonl`);
    writeFileSync(file, text);
    return { file, broken };
  };
  const whole = write(`story-${seed}.first`, first);
  const short = write(`story-${seed}`, shrunk);
  return { files: [short.file, whole.file], broken: short.broken };
};
