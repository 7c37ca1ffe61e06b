/** What each tool makes of the arguments of a model: every kind that fits, and every kind that does not. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import * as patchTool from './apply-patch.tool.ts';
import { findTool, intend, specs, tools } from './registry.ts';
import * as execTool from './exec-command.tool.ts';
import * as stdinTool from './write-stdin.tool.ts';
import * as shellTool from './shell.tool.ts';
import type { Intent, Workplace } from './tool.ts';
import * as planTool from './update-plan.tool.ts';
import * as imageTool from './view-image.tool.ts';

const base = mkdtempSync(join(tmpdir(), 'tools-'));
afterAll(() => rmSync(base, { recursive: true }));

const place = (): Workplace => ({
  cwd: mkdtempSync(join(base, 'case-')),
  env: { PATH: '/bin' },
  shell: '/bin/zsh',
  patchBinary: [process.execPath, join(import.meta.dirname, '../../cli/apply-patch.ts')],
  hidden: () => [],
  sight: (real) => real,
});
const call = async (tool: string, args: unknown, workplace = place()) =>
  intend(tool, typeof args === 'string' ? args : JSON.stringify(args), workplace);
const commandOf = (intent: Intent) => (intent.kind === 'command' ? intent.command : null);
const answerOf = (intent: Intent) => (intent.kind === 'answer' && !intent.succeeded ? intent.output : null);

const PATCH = '*** Begin Patch\n*** Update File: f.txt\n@@\n-old\n+new\n*** End Patch';

describe('every tool', () => {
  const schemas = [shellTool, execTool, stdinTool, patchTool, planTool, imageTool].map((tool) => tool.Arguments);

  /** What the constant says beyond the schema: words for the model. */
  const bare = (schema: unknown): unknown =>
    JSON.parse(JSON.stringify(schema), (key, value) =>
      ['description', '$schema', 'readOnly'].includes(key) ? undefined : value,
    );

  it.each(tools.map((tool, index) => [tool.spec.name, tool, schemas[index]!] as const))(
    '%s: the JSON Schema that the model sees is that of the arguments it parses',
    (_, { spec }, schema) => expect(bare(spec.parameters)).toEqual(bare(z.toJSONSchema(schema))),
  );

  it.each(tools.map((tool) => [tool.spec.name, tool] as const))(
    '%s never throws, whatever it is sent',
    async (_, tool) => {
      const workplace = place();
      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (args) => {
          const intent = await tool.intend(args, workplace);
          expect(['command', 'answer', 'talk']).toContain(intent.kind);
        }),
      );
    },
  );

  it('C.5: an unknown one is an answer that names those there are', async () => {
    expect(answerOf(await call('frobnicate', {}))).toMatch(
      /^unsupported call: frobnicate\n.*shell, exec_command, write_stdin, apply_patch/,
    );
  });

  it('is found by its aliases, and offered in the same order each time', () => {
    for (const name of ['shell', 'shell_command', 'bash']) expect(findTool(name)).toBe(shellTool.shell);
    const names = specs().map(({ name }) => name);
    expect(names.join(' ')).toBe('shell exec_command write_stdin apply_patch update_plan view_image');
    const more = [{ name: 'mcp__a__b', description: '', parameters: {} }];
    expect(
      specs({ without: ['view_image'], more })
        .map(({ name }) => name)
        .slice(4),
    ).toEqual(['update_plan', 'mcp__a__b']);
  });
});

describe('shell', () => {
  it('starts a list of words as it is, and gives a text to the shell of the user', async () => {
    const workplace = place();
    expect(await call('shell', { command: ['ls', 'a b'] }, workplace)).toEqual({
      kind: 'command',
      command: { argv: ['ls', 'a b'], cwd: workplace.cwd, env: { PATH: '/bin' }, timeoutMs: 120_000, input: null },
      view: { kind: 'command', command: "ls 'a b'", argv: ['ls', 'a b'], cwd: workplace.cwd },
      escalation: null,
    });
    expect(commandOf(await call('bash', { command: 'ls | wc' }))?.argv).toEqual(['/bin/zsh', '-c', 'ls | wc']);
    expect(commandOf(await call('exec_command', { cmd: 'ls' }))?.argv).toEqual(['/bin/zsh', '-c', 'ls']);
  });

  it('understands folder, time and escalation', async () => {
    const args = {
      command: ['x'],
      workdir: 'sub',
      timeout_ms: 5.5,
      with_escalated_permissions: true,
      justification: 'why',
    };
    const workplace = place();
    const intent = await call('shell', args, workplace);
    expect(commandOf(intent)).toMatchObject({ cwd: join(workplace.cwd, 'sub'), timeoutMs: 6 });
    expect(intent).toMatchObject({ escalation: { justification: 'why' } });
    expect(commandOf(await call('shell', { command: 'x', timeout_ms: 1e12 }))?.timeoutMs).toBe(3_600_000);
    expect(commandOf(await call('shell', { command: 'x', timeout_ms: null, workdir: null }))?.timeoutMs).toBe(120_000);
  });

  it.each([
    [{}, /`command` is missing or empty; for instance/],
    [{ command: [] }, /missing or empty/],
    [{ command: 7 }, /`command` must be of type array or must be of type string, got 7/],
    [{ command: ['a', 7] }, /`command/],
    [{ command: 'x', timeout_ms: 'long' }, /`timeout_ms` must be of type number, got "long"/],
    ['{"command": ', /they are not JSON/],
    ['[]', /the arguments must be of type object, got \[\]/],
  ])('C.5: says what to mend: %j', async (args, words) => {
    const answer = answerOf(await call('shell', args));
    expect(answer).toMatch(/^failed to parse function arguments: /);
    expect(answer).toMatch(words);
  });

  it.each([
    [['apply_patch', PATCH]],
    [['applypatch', PATCH]],
    [['bash', '-lc', `apply_patch <<'EOF'\n${PATCH}\nEOF`]],
    [['/bin/sh', '-c', `applypatch <<"E"\n${PATCH}\nE\n`]],
    [`apply_patch <<EOF\n${PATCH}\nEOF\n`],
  ])('F.5: takes for a patch %j', async (command) => {
    const workplace = place();
    writeFileSync(join(workplace.cwd, 'f.txt'), 'old\n');
    const intent = await call('shell', { command }, workplace);
    expect(intent).toMatchObject({ view: { kind: 'patch', changes: [{ path: 'f.txt', kind: 'update' }] } });
    expect(commandOf(intent)).toMatchObject({ isOwn: true, env: {}, writes: [join(workplace.cwd, 'f.txt')] });
  });

  it.each([['sub'], ["'sub'"], ['"sub"'], ['./sub']])('F.5: and with cd %s before it', async (folder) => {
    const workplace = place();
    mkdirSync(join(workplace.cwd, 'sub'));
    writeFileSync(join(workplace.cwd, 'sub/f.txt'), 'old\n');
    const command = ['bash', '-lc', `cd ${folder} && apply_patch <<'EOF'\n${PATCH}\nEOF`];
    expect(commandOf(await call('shell', { command }, workplace))?.cwd).toBe(join(workplace.cwd, 'sub'));
  });

  const here = `apply_patch <<'EOF'\n${PATCH}\nEOF`;
  it.each([
    ['a pipe', `apply_patch <<'EOF' | cat\n${PATCH}\nEOF`],
    ['a second command', `${here}\necho done`],
    ['a command before', `echo hi; ${here}`],
    ['or', `cd sub || ${here}`],
    ['semicolon', `cd sub; ${here}`],
    ['two cds', `cd a && cd b && ${here}`],
    ['an expansion', `cd "$HOME" && ${here}`],
    ['a substitution', `cd $(rm -rf x) && ${here}`],
    ['arguments after', `apply_patch <<'EOF' more\n${PATCH}\nEOF`],
    ['an early end', `apply_patch <<'EOF'\n${PATCH}\nEOF\nrm -rf x\nEOF`],
    ['no end', `apply_patch <<'EOF'\n${PATCH}`],
    ['indirection', `apply_patch <<-'EOF'\n${PATCH}\nEOF`],
  ])('F.5: %s is an ordinary command', async (_, script) => {
    expect(commandOf(await call('shell', { command: ['bash', '-lc', script] }))?.argv[2]).toBe(script);
    expect(commandOf(await call('shell', { command: script }))?.argv[2]).toBe(script);
  });

  it('F.2: a patch instead of a program is answered with the way to do it', async () => {
    for (const command of [[PATCH], PATCH, ['bash', '-lc', PATCH]])
      expect(answerOf(await call('shell', { command }))).toContain('["apply_patch", "<the patch>"]');
  });
});

describe('apply_patch', () => {
  it('E.12: becomes a start of our own binary, which then does what was shown', async () => {
    const workplace = place();
    const file = join(workplace.cwd, 'f.txt');
    writeFileSync(file, 'old\n');
    const intent = await call('apply_patch', { input: PATCH }, workplace);
    expect(intent).toEqual({
      kind: 'command',
      command: {
        argv: workplace.patchBinary,
        cwd: workplace.cwd,
        env: {},
        timeoutMs: 120_000,
        input: PATCH,
        isOwn: true,
        writes: [file],
      },
      view: { kind: 'patch', changes: [{ kind: 'update', path: 'f.txt', diff: '@@ -1 +1 @@\n-old\n+new\n' }] },
      escalation: null,
    });
    const [binary, ...args] = workplace.patchBinary;
    execFileSync(binary, args, { cwd: workplace.cwd, env: {}, input: PATCH });
    expect(readFileSync(file, 'utf8')).toBe('new\n');
  });

  it.each([[JSON.stringify({ patch: PATCH })], [JSON.stringify(PATCH)], [PATCH], [`\n${PATCH}\n`]])(
    'understands %j',
    async (args) => {
      const workplace = place();
      writeFileSync(join(workplace.cwd, 'f.txt'), 'old\n');
      expect((await call('apply_patch', args, workplace)).kind).toBe('command');
    },
  );

  it.each([
    [PATCH, /^apply_patch verification failed: Failed to read file to update f\.txt: no such file/],
    ['*** Begin Patch\n*** Delete File: f.txt\n*** End Patch', /verification failed: Failed to read f\.txt/],
    ['*** Begin Patch\n*** End Patch', /verification failed: No files were modified\./],
    ['hello', /verification failed: invalid patch: The first line of the patch must be '\*\*\* Begin Patch'\n/],
    [
      '*** Begin Patch\nX\n*** End Patch',
      /verification failed: invalid hunk at line 2, 'X' is not a valid hunk header\. /,
    ],
  ])('E.12, F.2: what does not fit is an answer: %j', async (input, words) => {
    expect(answerOf(await call('apply_patch', { input }))).toMatch(words);
  });

  it('names the real paths that it writes, since the rules are about those', async () => {
    const workplace = place();
    mkdirSync(join(workplace.cwd, 'real'));
    symlinkSync('real', join(workplace.cwd, 'd'));
    const input = '*** Begin Patch\n*** Add File: d/new\n+x\n*** Add File: /etc/turnstile-test\n+x\n*** End Patch';
    expect(commandOf(await call('apply_patch', { input }, workplace))?.writes).toEqual([
      join(workplace.cwd, 'real/new'),
      '/etc/turnstile-test',
    ]);
  });

  it('C.5: says what to mend', async () => {
    expect(answerOf(await call('apply_patch', { file: 'x' }))).toMatch(
      /^failed to parse function arguments: send \{"input"/,
    );
  });
});

describe('update_plan and view_image', () => {
  it('C.5: a plan is an answer that carries the steps', async () => {
    const plan = [{ step: 'a', status: 'in_progress' }];
    expect(await call('update_plan', { plan, explanation: null })).toMatchObject({
      output: 'Plan updated',
      succeeded: true,
      plan: { steps: plan },
    });
    expect(answerOf(await call('update_plan', { plan: [{ step: 'a', status: 'soon' }] }))).toMatch(
      /`plan\[0\]\.status` must be one of "pending", "in_progress", "completed", got "soon"/,
    );
  });

  it('C.5: a picture is named, one that is none is a sentence', async () => {
    const workplace = place();
    writeFileSync(join(workplace.cwd, 'p.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]));
    writeFileSync(join(workplace.cwd, 't.txt'), 'text');
    const seen = await call('view_image', { path: 'p.png' }, workplace);
    expect(seen).toMatchObject({ succeeded: true, output: `[image: ${join(workplace.cwd, 'p.png')}]` });
    expect(answerOf(await call('view_image', { path: 't.txt' }, workplace))).toMatch(/not a PNG/);
    expect(answerOf(await call('view_image', { path: 'none' }, workplace))).toMatch(/No such file/);
    expect(answerOf(await call('view_image', { path: '.' }, workplace))).toMatch(/not a file/);
  });

  it('R30: what the sandbox hides is neither shown nor checked against a patch, by no name', async () => {
    const open = place();
    const secret = join(open.cwd, 'secret');
    mkdirSync(secret);
    writeFileSync(join(secret, 'f.txt'), 'old\n');
    writeFileSync(join(secret, 'p.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]));
    symlinkSync(secret, join(open.cwd, 'link'));
    const closed: Workplace = {
      ...open,
      hidden: () => [secret],
      sight: (real) => (real.includes('secret') ? null : real),
    };
    for (const folder of ['secret', 'link', '../' + open.cwd.slice(open.cwd.lastIndexOf('/') + 1) + '/secret']) {
      const patch = (body: string) => ({
        input: `*** Begin Patch\n${body.replaceAll('<f>', `${folder}/f.txt`)}\n*** End Patch`,
      });
      for (const body of [
        '*** Update File: <f>\n@@\n-old\n+new',
        '*** Update File: <f>\n@@\n-wrong\n+new',
        '*** Delete File: <f>',
      ]) {
        const said = answerOf(await call('apply_patch', patch(body), closed));
        expect(said).toMatch(/Permission denied: the sandbox hides it/);
        expect(said).not.toContain('expected lines');
      }
      expect((await call('apply_patch', patch('*** Update File: <f>\n@@\n-old\n+new'), open)).kind).toBe('command');
      expect(answerOf(await call('view_image', { path: `${folder}/p.png` }, closed))).toMatch(/the sandbox hides it/);
    }
  });

  it('R30: a picture that a command left in its /tmp is found there', async () => {
    const workplace = place();
    const picture = join(workplace.cwd, 'p.png');
    writeFileSync(picture, Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]));
    const seen = await call('view_image', { path: '/tmp/p.png' }, { ...workplace, sight: () => picture });
    expect(seen).toMatchObject({ succeeded: true, output: `[image: ${picture}]` });
  });
});
