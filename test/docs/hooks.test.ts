/** The programs and the configuration of docs/hooks.md do what it says: they are written into a folder, and a session meets them. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EVENT_NAMES } from '../../actors/hooks/payload.ts';
import { HOOK_MAX_MS, HOOK_MS, HOOK_OUTPUT_BYTES, MAX_HOOK_ROUNDS } from '../../machines/limits.ts';
import { blocksOf, documentText, root } from './documents.ts';

const text = documentText('docs/hooks.md');
const blocks = blocksOf(text);
const programs = blocks.flatMap(({ info, code }) =>
  info.startsWith('sh hook ') ? [{ name: info.slice('sh hook '.length), code }] : [],
);
const configuration = blocks.find(({ info }) => info === 'toml hooks')?.code ?? '';

const at = { folder: '', home: '' };
beforeEach(() => {
  at.folder = realpathSync(mkdtempSync(join(tmpdir(), 'turnstile-hooks-')));
  at.home = join(at.folder, 'home');
  mkdirSync(at.home);
  for (const { name, code } of programs) writeFileSync(join(at.folder, name), code, { mode: 0o755 });
});
afterEach(() => rmSync(at.folder, { recursive: true, force: true }));

/** What becomes of a command that a model wants to run; `out` is there when it ran. */
const statusOf = async (command: string, toml: string): Promise<string | undefined> => {
  writeFileSync(join(at.home, 'config.toml'), toml);
  const script = join(at.home, 'script.json');
  const turns = [{ items: [{ type: 'shell', command }] }, { items: [{ type: 'text', text: 'done' }] }];
  writeFileSync(script, JSON.stringify({ turns }));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      join(root, 'cli/turnstile.mjs'),
      ...['exec', '--json', '--skip-git-repo-check', '-s', 'workspace-write', '--rehearse', script, 'go'],
    ],
    {
      cwd: at.folder,
      env: { PATH: process.env['PATH'], HOME: at.folder, TURNSTILE_HOME: at.home, TURNSTILE_FROM_SOURCE: '1' },
    },
  );
  const items = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string; readonly item?: { type: string; status?: string } });
  return items.find(({ type, item }) => type === 'item.completed' && item?.type === 'command_execution')?.item?.status;
};
const ran = () => existsSync(join(at.folder, 'out'));

describe('docs/hooks.md', () => {
  it('its configuration and its first program refuse what they say they refuse, and nothing else', async () => {
    expect(await statusOf('touch out; echo git push --force', configuration)).toBe('declined');
    expect(ran()).toBe(false);
    expect(await statusOf('touch out; echo git push', configuration)).toBe('completed');
    expect(ran()).toBe(true);
  });

  it('its second program has a person asked; where nobody is, that is a no', async () => {
    const toml = configuration.replace('./no-force.sh', './ask-first.sh');
    expect(await statusOf('touch out; rm -f other', toml)).toBe('declined');
    expect(ran()).toBe(false);
    expect(await statusOf('touch out', toml)).toBe('completed');
  });

  it('names every place, and the limits that hold', () => {
    for (const place of Object.values(EVENT_NAMES)) expect(text).toContain(`| \`${place}\` |`);
    expect(text).toContain(`at most ${MAX_HOOK_ROUNDS} times in a turn`);
    expect(text).toContain(`| ${HOOK_MS / 1_000} | seconds, at most ${HOOK_MAX_MS / 1_000} |`);
    expect(text).toContain(`${HOOK_OUTPUT_BYTES / 1_024} KiB`);
  });
});
