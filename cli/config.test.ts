import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { resolveConfig } from './config.ts';
import type { Flags } from './flags.ts';

let home = '';
let cwd = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'turnstile-home-'));
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'turnstile-work-')));
  mkdirSync(join(cwd, '.git'));
});

const user = (toml: string) => writeFileSync(join(home, 'config.toml'), toml);
const project = (toml: string) => {
  mkdirSync(join(cwd, '.turnstile'), { recursive: true });
  writeFileSync(join(cwd, '.turnstile', 'config.toml'), toml);
};
const trusted = () => `\n[projects."${cwd}"]\ntrust_level = "trusted"\n`;
const load = (flags: Flags = {}, env: Record<string, string> = {}, isAttended = true) =>
  resolveConfig({ flags, env: { TURNSTILE_HOME: home, HOME: home, ...env }, cwd, version: '0', isAttended });
const model = async (flags: Flags = {}) => (await load(flags)).runtime.model;

describe('layers', () => {
  it('H.1: flag > -c > profile > project > user > default', async () => {
    expect(await model()).toBe('rehearsal');
    user(`model = "user"\n[profiles.fast]\nmodel = "profile"${trusted()}`);
    expect(await model()).toBe('user');
    project('model = "project"');
    expect(await model()).toBe('project');
    expect(await model({ profile: 'fast' })).toBe('profile');
    expect(await model({ profile: 'fast', config: ['model=one', 'model=override'] })).toBe('override');
    expect(await model({ profile: 'fast', config: ['model=override'], model: 'flag' })).toBe('flag');
  });

  it('reads the file of a project only when the user trusts the folder, and never lets it trust itself', async () => {
    user('model = "user"');
    project(`model = "project"${trusted()}`);
    expect(await model()).toBe('user');
  });

  it('knows where each value comes from', async () => {
    user('model = "user"\n[shell_environment_policy]\ninherit = "core"');
    const { layers } = await load({ config: ['sandbox_mode="read-only"'], approval: 'never' });
    expect(Object.fromEntries(layers.origins)).toEqual({
      model: join(home, 'config.toml'),
      'shell_environment_policy.inherit': join(home, 'config.toml'),
      sandbox_mode: '-c',
      approval_policy: '--ask-for-approval',
    });
  });

  it.each([
    ['model = 3', ['config.toml', 'model is 3', 'a string']],
    ['sandbox_mode = "none"', ['config.toml', 'sandbox_mode is "none"', 'workspace-write']],
    ['[shell_environment_policy]\nexclude = "A"', ['shell_environment_policy.exclude is "A"']],
    ['[model_providers.x]\nbase_url = 1', ['model_providers.x.base_url is 1']],
    ['[profiles.p]\nmodel = false', ['profiles.p.model is false']],
    [
      '[sandbox_workspace_write]\nnetwork_access = ["a.test", "https://b.test"]',
      ['sandbox_workspace_write.network_access[1] is "https://b.test"', '*.name'],
    ],
    ['[sandbox_workspace_write]\nnetwork_access = ["*"]', ['network_access[0] is "*"']],
    ['[sandbox_workspace_write]\nnetwork_access = [1]', ['network_access', 'a list of hosts']],
    ['[sandbox_workspace_write]\nnetwork_access = "some"', ['network_access is "some"', '"loopback"']],
    ['model = ', ['config.toml:1']],
    ['profile = "nope"', ['there is no profile "nope"']],
    ['model_provider = "opnai"', ['"opnai"', 'did you mean openai?']],
  ])('refuses %j, naming file, key and value', async (toml, parts) => {
    user(toml);
    const message = await load().then(
      () => 'accepted',
      (error: Error) => `${error.name} ${error.message}`,
    );
    for (const part of ['UsageError', ...parts]) expect(message).toContain(part);
  });

  it('warns of unknown keys with the nearest known one, and goes on', async () => {
    user('modle = "x"\n[sandbox_workspace_write]\nnetwork_acces = true\n[features]\nanything = 1');
    const { warnings } = await load({ config: ['aproval_policy="never"'] });
    expect(warnings.map((words) => words.replace(/^.*: unknown/, 'unknown'))).toEqual([
      'unknown key modle (did you mean model?)',
      'unknown key sandbox_workspace_write.network_acces (did you mean sandbox_workspace_write.network_access?)',
      'unknown key aproval_policy (did you mean approval_policy?)',
    ]);
  });

  it.each([
    ['model_context_window=5000', 5000],
    ['model_context_window = 5_000', 5000],
  ])('takes -c %j as TOML', async (text, expected) => {
    expect((await load({ config: [text] })).runtime.windowSize).toBe(expected);
  });

  it.each([
    ['model=plain text', 'plain text'],
    ['model="quoted"', 'quoted'],
    ['model=[not toml', '[not toml'],
    ["model='true'", 'true'],
  ])('takes -c %j as TOML, else as text', async (text, expected) => {
    expect(await model({ config: [text] })).toBe(expected);
  });
});

describe('the runtime that comes of it', () => {
  it('asks the embedded model without a key and without a choice, else the provider for which there is a key', async () => {
    const provider = async (env: Record<string, string>, flags: Flags = {}) =>
      (await load(flags, env)).runtime.provider;
    expect(await provider({})).toMatchObject({ id: 'rehearsal', wire: 'rehearsal' });
    expect(await provider({ OPENAI_API_KEY: 'k' })).toMatchObject({ id: 'openai', wire: 'responses', apiKey: 'k' });
    expect(await provider({ CODEX_API_KEY: 'k' })).toMatchObject({ id: 'openai', apiKey: 'k' });
    expect(await provider({ ANTHROPIC_API_KEY: 'a' })).toMatchObject({ id: 'anthropic', wire: 'anthropic' });
    expect(await provider({ OPENAI_API_KEY: 'k' }, { config: ['model_provider=ollama'], model: 'm' })).toMatchObject({
      id: 'ollama',
      wire: 'chat',
      apiKey: null,
    });
    writeFileSync(join(cwd, 'a.json'), '{"turns":[{"items":[]}]}');
    expect(await provider({ OPENAI_API_KEY: 'k' }, { rehearse: 'a.json' })).toMatchObject({
      id: 'rehearsal',
      script: join(cwd, 'a.json'),
    });
    expect(
      await provider({ CODEX_API_KEY: 'k' }, { config: ['openai_base_url="http://127.0.0.1:1/v1/"'] }),
    ).toMatchObject({
      baseUrl: 'http://127.0.0.1:1/v1',
    });
  });

  it('reaches a provider of the user’s own, with headers from the environment', async () => {
    user(`model_provider = "mine"\nmodel = "m"\n[model_providers.mine]\nbase_url = "http://127.0.0.1:9/v1"\nenv_key = "MINE"
wire_api = "chat"\nrequest_max_retries = 1\nquery_params = { v = "1" }\nhttp_headers = { a = "b" }\nenv_http_headers = { c = "VAR", d = "NONE" }`);
    expect((await load({}, { MINE: 'key', VAR: 'x' })).runtime).toMatchObject({
      model: 'm',
      maxAttempts: 2,
      provider: {
        id: 'mine',
        wire: 'chat',
        apiKey: 'key',
        envKey: 'MINE',
        headers: { a: 'b', c: 'x' },
        query: { v: '1' },
      },
    });
  });

  it('is careful by default: read-only, asking; in exec, never asking', async () => {
    expect((await load()).runtime).toMatchObject({
      sandbox: { kind: 'readOnly', network: 'off' },
      approval: 'on-request',
    });
    expect((await load({}, {}, false)).runtime).toMatchObject({ approval: 'never', isAttended: false });
    user(trusted());
    expect((await load()).runtime).toMatchObject({
      sandbox: { kind: 'workspaceWrite', writableRoots: [cwd], network: 'off', tmp: 'private' },
    });
    user(trusted().replace('"trusted"', '"untrusted"'));
    expect((await load()).runtime).toMatchObject({ sandbox: { kind: 'readOnly' }, approval: 'untrusted' });
  });

  it.each([
    ['["github.com", "*.npmjs.org:443"]', { hosts: ['github.com', '*.npmjs.org:443'] }],
    ['[]', 'off'],
    ['"loopback"', 'loopback'],
    ['false', 'off'],
  ])('R32: network_access = %s', async (value, network) => {
    const config = [`sandbox_workspace_write.network_access=${value}`];
    expect((await load({ sandbox: 'workspace-write', config })).runtime.sandbox).toMatchObject({ network });
    expect((await load({ sandbox: 'read-only', config })).runtime.sandbox).toMatchObject({ network: 'off' });
  });

  it('widens only where it is told to', async () => {
    const { runtime } = await load({
      sandbox: 'workspace-write',
      addDir: [home],
      config: ['sandbox_workspace_write.network_access=true'],
    });
    expect(runtime.sandbox).toEqual({
      kind: 'workspaceWrite',
      writableRoots: [cwd, home],
      network: 'on',
      tmp: 'private',
    });
    expect((await load({ bypass: true })).runtime).toMatchObject({
      sandbox: { kind: 'fullAccess' },
      approval: 'never',
    });
    await expect(load({ addDir: [join(home, 'none')] })).rejects.toThrow('--add-dir');
    await expect(load({ cd: 'none' })).rejects.toThrow('--cd');
  });

  it('reads the rules, and refuses a file that it cannot read rather than forget a rule', async () => {
    writeFileSync(
      join(home, 'rules'),
      '# mine\nprefix_rule(pattern=["git", ["status", "log"]], decision="allow")\nprefix_rule(\n  pattern = ["rm"],\n  decision = "forbidden",\n  justification = "use trash",\n)\n',
    );
    expect((await load()).runtime.rules).toEqual([
      { pattern: ['git', ['status', 'log']], decision: 'allow', source: `${join(home, 'rules')}:2` },
      { pattern: ['rm'], decision: 'forbidden', justification: 'use trash', source: `${join(home, 'rules')}:3` },
    ]);
    writeFileSync(join(home, 'rules'), 'prefix_rule(pattern=["rm"], decision="forbiden")');
    await expect(load()).rejects.toThrow('forbiden');
  });
});
