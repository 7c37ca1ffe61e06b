/** `[hooks]` in the files of configuration: who may say what, and what becomes of it (5; H.1). */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOOK_MAX_MS, HOOK_MS } from '../../machines/limits.ts';
import { resolveConfig } from '../config.ts';

const at = { home: '', cwd: '' };
beforeEach(() => {
  at.home = mkdtempSync(join(tmpdir(), 'turnstile-home-'));
  at.cwd = realpathSync(mkdtempSync(join(tmpdir(), 'turnstile-work-')));
  mkdirSync(join(at.cwd, '.git'));
  mkdirSync(join(at.cwd, '.turnstile'));
});
afterEach(() => {
  for (const folder of Object.values(at)) rmSync(folder, { recursive: true, force: true });
});
const user = (toml: string, level = 'trusted') =>
  writeFileSync(join(at.home, 'config.toml'), `${toml}\n[projects."${at.cwd}"]\ntrust_level = "${level}"\n`);
const project = (toml: string) => writeFileSync(join(at.cwd, '.turnstile', 'config.toml'), toml);
const load = (config: readonly string[] = [], profile?: string) =>
  resolveConfig({
    ...{ flags: { config, ...(profile !== undefined && { profile }) }, cwd: at.cwd, version: '0', isAttended: true },
    env: { TURNSTILE_HOME: at.home, HOME: at.home },
  });
const table = (event: string, command: string, more = '') =>
  `[[hooks.${event}]]\nmatcher = "Bash"\n[[hooks.${event}.hooks]]\ntype = "command"\ncommand = "${command}"\n${more}`;

describe('hooks', () => {
  it('are read as Codex writes them, with what is ours beside it', async () => {
    user(table('PreToolUse', 'check', 'timeout = 2.5\ntrusted = true\nrequired = true\nstatusMessage = "checking"'));
    const { runtime, warnings } = await load(['hooks.Stop=[{hooks=[{command="end", timeout=99999}]}]']);
    expect(warnings).toEqual([]);
    expect(runtime.hooks).toEqual([
      {
        ...{ hook: 'beforeTool', command: 'check', matcher: 'Bash' },
        ...{ timeoutMs: 2_500, runsAs: 'user', isRequired: true },
      },
      { hook: 'stop', command: 'end', matcher: null, timeoutMs: HOOK_MAX_MS, runsAs: 'sandbox', isRequired: false },
    ]);
  });

  it('of all layers are asked: nobody can take away the guard of another', async () => {
    user(
      `${table('PreToolUse', 'mine')}[profiles.p]\n${table('PreToolUse', 'profile').replaceAll('hooks.', 'profiles.p.hooks.')}`,
    );
    project(table('PreToolUse', 'theirs'));
    const { runtime, layers } = await load(['hooks.PreToolUse=[{hooks=[{command="line"}]}]'], 'p');
    expect(runtime.hooks?.map(({ command }) => command)).toEqual(['mine', 'theirs', 'profile', 'line']);
    expect(runtime.hooks?.[3]?.timeoutMs).toBe(HOOK_MS);
    expect(layers.origins.get('hooks.PreToolUse')?.split(', ')).toHaveLength(4);
  });

  it('of a project never leave the sandbox, also not by a profile; of one that is not trusted none is asked', async () => {
    const trusting = table('Stop', 'theirs', 'trusted = true\n');
    project(`${trusting}[profiles.p]\n${trusting.replaceAll('hooks.', 'profiles.p.hooks.')}`);
    user('');
    const { runtime, warnings } = await load([], 'p');
    expect(runtime.hooks?.map(({ runsAs }) => runsAs)).toEqual(['sandbox', 'sandbox']);
    expect(warnings).toEqual([expect.stringContaining('a project cannot say of its own hooks that they are trusted')]);
    user('', 'untrusted');
    expect((await load([], undefined)).runtime.hooks).toEqual([]);
  });

  it('say what is wrong with them: unknown keys at their place, what is left out, what cannot be meant', async () => {
    user(`${table('PreTolUse', 'x')}${table('Stop', 'y', 'required = true\ntimout = 3\n')}`);
    const { warnings } = await load(['hooks.SessionStart=[{hooks=[{type="prompt"}]}]']);
    expect(warnings).toEqual([
      expect.stringContaining('unknown key hooks.PreTolUse (did you mean hooks.PreToolUse?)'),
      expect.stringContaining(
        'unknown key hooks.Stop[0].hooks[0].timout (did you mean hooks.Stop[0].hooks[0].timeout?)',
      ),
      expect.stringContaining('a hook of the type prompt is left out'),
      expect.stringContaining('required means something for'),
    ]);
    user('');
    await expect(load(['hooks.Stop=[{matcher="(", hooks=[]}]'])).rejects.toThrow(
      'hooks.Stop[0].matcher is "("; expected a regular expression',
    );
    await expect(load(['hooks.Stop=[{hooks=[{command=1}]}]'])).rejects.toThrow('hooks.Stop[0].hooks[0].command is 1');
    await expect(load(['hooks.Stop="x"'])).rejects.toThrow('hooks.Stop is "x"; expected a list');
    await expect(load(['hooks.Stop=[{command="true"}]'])).rejects.toThrow(
      'hooks.Stop[0].hooks is missing; expected a list',
    );
  });
});
