/**
 * A task that is added is one file and one line of the registry (R39): a copy of the machines gets both, and its stories
 * are told through the turn, the session and the wiring as they stand. Whoever asks for it is no matter of the task, so in
 * the copy an op that is there already does.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { asTask } from '../../machines/tasks/contract.ts';
import { errandMachine } from './errand.fixture.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PARTS = ['machines', 'sandbox', 'actors', 'test/machines', 'test/properties', 'package.json'] as const;
const STORIES = '300';
/** A fuse for a machine that is busy. Milliseconds. */
const PATIENCE_MS = 120_000;

const copy = mkdtempSync(join(tmpdir(), 'turnstile-added-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const change = (file: string, from: string, to: string): void => {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  expect(text, file).toContain(from);
  writeFileSync(path, text.replace(from, to));
};
const run = (file: string) =>
  spawnSync(process.execPath, [join(copy, file)], {
    cwd: copy,
    encoding: 'utf8',
    timeout: PATIENCE_MS,
    env: { PATH: process.env['PATH'], STORIES },
  });

const STORY = `
import { createWorld } from './world.ts';
const world = createWorld();
world.play('session/open opens', 'compact', 'session/turn/task/sample completes',
  'session/turn/task/regular/sample says', 'session/turn/task/regular/sample completes', 'session/turn/settle unchanged');
console.log(JSON.stringify(world.facts().map(({ type, ...fact }) => ('task' in fact ? [type, fact.task] : [type]))));
`;

beforeAll(() => {
  for (const part of PARTS) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const source = readFileSync(join(ROOT, 'test/machines/errand.fixture.ts'), 'utf8');
  const moved = source.replaceAll('../../machines/tasks/', './').replaceAll('../../machines/', '../');
  writeFileSync(join(copy, 'machines/tasks/errand.machine.ts'), moved);
  change(
    'machines/tasks/registry.ts',
    'export const tasks = {',
    "import { errandMachine } from './errand.machine.ts';\nexport const tasks = {\n  errand: asTask(errandMachine),",
  );
  change('machines/session.words.ts', "return { task: 'compact'", "return { task: 'errand'");
  writeFileSync(join(copy, 'test/machines/story.ts'), STORY);
});

it('fits the contract, is wired with its children, and runs', () => {
  expect(asTask(errandMachine)).toBeDefined();
  const { status, stdout, stderr } = run('test/machines/story.ts');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual([
    ['session.configured'],
    ['op.accepted'],
    ['turn.started', 'errand'],
    ['task.started', 'errand'],
    ['items.recorded'],
    ['tokens.counted'],
    ['turn.completed'],
  ]);
});

it('keeps every promise, whatever happens to it', () => {
  const { status, stdout } = run('test/properties/search.ts');
  expect(stdout).toContain(`${STORIES} stories`);
  expect(status, stdout).toBe(0);
}, 150_000);
