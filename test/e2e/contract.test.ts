import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../cli/program.ts';
import { newStage, say, shell, validLines } from './stage.ts';

const BIN = fileURLToPath(new URL('../../cli/turnstile.mjs', import.meta.url));
const isBuilt = existsSync(fileURLToPath(new URL('../../dist/turnstile.cjs', import.meta.url)));
if (!isBuilt) console.warn('not tested from the bundle: there is no dist/turnstile.cjs');

type Stage = Awaited<ReturnType<typeof newStage>>;

/** The bin itself, as it is installed. */
const bin = (stage: Stage, from: 'sources' | 'bundle', args: readonly string[], input: string | null) => {
  const child = spawn(
    process.execPath,
    [BIN, 'exec', '--json', '-m', 'm', '-c', `openai_base_url="${stage.server.url}"`, ...args],
    {
      cwd: stage.folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: stage.folder,
        TURNSTILE_HOME: stage.home,
        OPENAI_API_KEY: 'k',
        ...(from === 'sources' && { TURNSTILE_FROM_SOURCE: '1' }),
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  if (input !== null) child.stdin.end(input);
  return new Promise<{ readonly code: number | null; readonly out: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, out })),
  );
};

const asked = ({ server }: Stage): string => JSON.stringify(server.requests[0]?.body['input']);

describe('the prompt', () => {
  it.each<[string, readonly string[], string | null]>([
    ['an argument, beside a stdin that nobody closes', ['the words'], null],
    ['-', ['-'], 'the words'],
    ['a pipe', [], 'the words'],
  ])('R24: comes from %s', async (_, args, input) => {
    const stage = await newStage(say('fine'));
    const ended = await bin(stage, 'sources', args, input);
    expect(ended.code).toBe(0);
    validLines(ended.out);
    expect(asked(stage)).toContain('the words');
  });
});

describe('the ends', () => {
  it('2: an unknown flag', async () => {
    const stage = await newStage(say('fine'));
    expect(await stage.exec('--nope', 'go')).toMatchObject({ code: 2, out: '' });
    expect(stage.server.requests).toHaveLength(0);
  });
  it('-o holds the final message', async () => {
    const stage = await newStage(say('the end'));
    await stage.exec('-o', 'last', 'go');
    expect(readFileSync(join(stage.folder, 'last'), 'utf8')).toBe('the end');
  });
  it('5: --output-schema', async () => {
    const stage = await newStage(say('{"n":"x"}'));
    writeFileSync(join(stage.folder, 's.json'), '{"type":"object","properties":{"n":{"type":"integer"}}}');
    expect((await stage.exec('--output-schema', 's.json', 'go')).code).toBe(5);
  });
  it('3: --fail-on-refusal', async () => {
    const stage = await newStage(shell('rm -rf nothing-here'), say('I may not'));
    const ended = await stage.exec('-s', 'workspace-write', '-a', 'never', '--fail-on-refusal', 'go');
    validLines(ended.out);
    expect(ended.code).toBe(3);
  });
});

describe('tools', () => {
  it.each<'sources' | 'bundle'>(['sources', ...(isBuilt ? (['bundle'] as const) : [])])(
    'apply_patch, from the %s',
    async (from) => {
      const patch = '*** Begin Patch\n*** Add File: made.txt\n+made\n*** End Patch\n';
      const stage = await newStage({ items: [{ type: 'patch', patch }] }, say('fine'));
      const ended = await bin(stage, from, ['-s', 'workspace-write', 'go'], null);
      expect(ended.code).toBe(0);
      expect(readFileSync(join(stage.folder, 'made.txt'), 'utf8')).toBe('made\n');
      expect(linesOf(ended.out)).toContainEqual(
        expect.objectContaining({
          type: 'item.completed',
          item: expect.objectContaining({ type: 'file_change', status: 'completed' }),
        }),
      );
      validLines(ended.out);
    },
  );
  it('update_plan is a to-do list', async () => {
    const plan = [
      { step: 'first', status: 'completed' },
      { step: 'second', status: 'in_progress' },
    ];
    const stage = await newStage({ items: [{ type: 'call', name: 'update_plan', args: { plan } }] }, say('fine'));
    const items = [
      { text: 'first', completed: true },
      { text: 'second', completed: false },
    ];
    expect(validLines((await stage.exec('go')).out)).toContainEqual(
      expect.objectContaining({
        type: 'item.completed',
        item: expect.objectContaining({ type: 'todo_list', items }),
      }),
    );
  });
});
