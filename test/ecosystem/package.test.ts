/** The package as somebody gets it: packed, installed into an empty project without a network, and used. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { blocksOf, documentText, root } from '../docs/documents.ts';

vi.setConfig({ testTimeout: 120_000 }); // many starts of the program in one test

const folder = mkdtempSync(join(tmpdir(), 'turnstile-package-'));
const copy = join(folder, 'copy');
const project = join(folder, 'project');
const installed = join(project, 'node_modules/turnstile');
const env = {
  PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
  HOME: folder,
  TURNSTILE_HOME: join(folder, 'home'),
};
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = async (cwd: string, program: string, ...args: readonly string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(program, [...args], { cwd, env });
  return stdout;
};
const node = (cwd: string, ...args: readonly string[]) => run(cwd, process.execPath, ...args);

/** npm's own files would come from a registry: these are here already. The empty cache shows that nothing else is asked. */
const DEPENDENCIES = ['rxjs', 'tslib', 'xstate', 'zod'].map((name) => join(root, 'node_modules', name));
const OFFLINE = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--cache', join(folder, 'cache')];

beforeAll(async () => {
  // A build empties `dist`, which is not the test's to empty.
  mkdirSync(copy);
  for (const name of ['actors', 'cli', 'inspector', 'machines', 'sandbox', 'package.json', 'tsconfig.json', 'LICENSE'])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  cpSync(join(root, 'README.md'), join(copy, 'README.md'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  await Promise.all([node(copy, 'cli/build.mjs'), node(copy, 'cli/declarations.mjs')]);
  await run(copy, 'npm', 'pack', '--ignore-scripts', '--cache', join(folder, 'cache'), '--pack-destination', folder);

  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
  const [tarball = ''] = globSync('*.tgz', { cwd: folder });
  await run(project, 'npm', 'install', ...OFFLINE, '--install-links', join(folder, tarball), ...DEPENDENCIES);
}, 240_000);

const manifest = (): { readonly dependencies: Readonly<Record<string, string>> } =>
  JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
const files = () =>
  globSync('**/*', { cwd: installed, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));

describe('the package', () => {
  it('holds what is used, and nothing of its making', () => {
    const others = files().filter((file) => !file.startsWith('dist/'));
    expect(others.sort()).toEqual(['LICENSE', 'README.md', 'cli/turnstile.mjs', 'package.json']);
    const unexpected = files().filter(
      (file) => file.startsWith('dist/') && !/\.(?:c?js|d\.ts|html|json|txt)$/.test(file),
    );
    expect(unexpected).toEqual([]);
    for (const file of files().filter((name) => /\.(?:c?js|ts|html)$/.test(name)))
      expect({
        file,
        map: /[#@] ?sourceMappingURL=(?!data:)\S+\.map/.test(readFileSync(join(installed, file), 'utf8')),
      }).toEqual({ file, map: false });
  });

  it('needs nothing but what its manifest names', () => {
    expect(Object.keys(manifest().dependencies).sort()).toEqual(['rxjs', 'xstate', 'zod']);
    const imported = files()
      .filter((file) => /^dist\/.*\.(?:c?js|d\.ts)$/.test(file))
      .flatMap((file) => [
        ...readFileSync(join(installed, file), 'utf8').matchAll(
          // In a module `require` stands in text only: a validator that it can write would ask for its own parts.
          file.endsWith('.cjs')
            ? /(?:\bimport ?\(|\brequire\()["']((?:@[\w-]+\/)?[a-z][\w-]*)["'/]/g
            : /(?:\bfrom ?|\bimport ?\(?)["']((?:@[\w-]+\/)?[a-z][\w-]*)["'/]/g,
        ),
      ])
      .map(([, name]) => name ?? '');
    const known = [...Object.keys(manifest().dependencies), 'turnstile', 'node'];
    expect([...new Set(imported)].filter((name) => !known.includes(name))).toEqual([]);
  });

  it('names the licence of each part that it took in', () => {
    const text = readFileSync(join(installed, 'dist/THIRD-PARTY.txt'), 'utf8');
    for (const name of ['execa', 'xstate', 'rxjs', 'smol-toml', 'preact', 'eventsource-parser'])
      expect(text).toMatch(new RegExp(`^${name} \\d\\S* \\(\\S+\\)$`, 'm'));
    expect(text).not.toContain('no text in the package');
  });

  it('leads every way of resolving it to its types', async () => {
    const [tarball = ''] = globSync('*.tgz', { cwd: folder });
    const packed = createPackageFromTarballData(new Uint8Array(readFileSync(join(folder, tarball))));
    const checked = await checkPackage(packed);
    if (checked.types === false) throw new Error('it has no types');
    // It is an ES module and nothing else: whatever cannot import one is not meant.
    const problems = checked.problems.filter(
      (problem) => !('resolutionKind' in problem && /^node(?:10|16-cjs)$/.test(problem.resolutionKind)),
    );
    expect(problems.map(({ kind, ...where }) => ({ kind, where }))).toEqual([]);
    expect(Object.keys(checked.entrypoints).sort()).toEqual(['.', './inspector', './package.json']);
  });

  it('is clean for publint', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });
});

describe('installed', () => {
  it('npx runs the command, offline and without a key', async () => {
    expect(await run(project, 'npx', '--no', 'turnstile', 'exec', 'say hi')).toBe('hi\n');
    // What only this flag needs is loaded from the project.
    const schema = join(project, 'schema.json');
    writeFileSync(schema, '{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}');
    const out = await run(project, 'npx', '--no', 'turnstile', 'exec', '--output-schema', schema, 'say hi');
    expect(JSON.parse(out)).toEqual({ n: expect.any(Number) });
  });

  it('mcp-server and acp speak, each from the bundle that it needs', async () => {
    const clientInfo = { name: 'a test', version: '1' };
    const hello = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
    for (const [mode, params, proof] of [
      ['mcp-server', hello, 'serverInfo'],
      ['acp', { protocolVersion: 1, clientCapabilities: {} }, 'agentInfo'],
    ] as const) {
      const running = promisify(execFile)('npx', ['--no', 'turnstile', mode], { cwd: project, env });
      running.child.stdin?.end(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
      const { stdout } = await running;
      expect(JSON.parse(stdout)).toMatchObject({ id: 1, result: { [proof]: { name: 'turnstile' } } });
    }
  });

  const examples = blocksOf(documentText('docs/library.md')).filter(({ info }) => info === 'ts run');
  const EXPECTED = [/from the sandbox/, /^asked\ndeclined$/m];

  it('the examples of docs/library.md do what they say', async () => {
    expect(examples).toHaveLength(EXPECTED.length);
    for (const [i, { code }] of examples.entries()) {
      writeFileSync(join(project, `example-${i}.ts`), code);
      expect(await node(project, `example-${i}.ts`)).toMatch(EXPECTED[i] ?? /never/);
    }
  });

  it('and their types are those of the package', async () => {
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2024', '--module', 'nodenext', ...types];
    const lib = ['--lib', 'es2024,esnext.disposable'];
    const broken = join(project, 'broken.ts');
    writeFileSync(broken, "import { createRuntime } from 'turnstile';\ncreateRuntime(3);\n");
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const told = await node(project, tsc, ...options, ...lib, 'example-0.ts', 'example-1.ts', 'broken.ts').catch(
      ({ stdout }: { readonly stdout: string }) => stdout,
    );
    expect(told.trim().split('\n')).toEqual([expect.stringMatching(/^broken\.ts\(2,15\): error TS2345/)]);
  });
});

describe('the tarball itself', () => {
  it('runs by npx, with nothing installed', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const [tarball = ''] = globSync('*.tgz', { cwd: folder });
    // What the user's npm has seen before is enough; the registry is not asked.
    const cache = (await promisify(execFile)('npm', ['config', 'get', 'cache'])).stdout.trim();
    const args = ['exec', '--offline', '--yes', '--no-audit', '--no-fund', '--cache', cache];
    const command = ['--', 'turnstile', 'exec', 'say hi'];
    const ended = await run(empty, 'npm', ...args, `--package=${join(folder, tarball)}`, ...command).catch(
      ({ stderr }: { readonly stderr: string }) => ({ stderr }),
    );
    if (typeof ended === 'object' && /ENOTCACHED/.test(ended.stderr))
      return console.info('npm has not seen the dependencies on this machine: npx was not tried on the tarball');
    expect(ended).toBe('hi\n');
  });

  it('an old Node is told which one is needed', async () => {
    const old = ['/usr/bin/node', '/usr/local/bin/node'].filter((path) => existsSync(path));
    const versions = await Promise.all(old.map(async (path) => [path, await run(folder, path, '--version')] as const));
    const [found] = versions.filter(([, version]) => Number(/\d+/.exec(version)?.[0]) < 24);
    if (found === undefined) return console.info('there is no Node older than 24 here: nobody could be told');
    const told = await run(project, found[0], join(installed, 'cli/turnstile.mjs'), 'exec', 'say hi').catch(
      ({ code, stderr }: { readonly code: number; readonly stderr: string }) => ({ code, stderr }),
    );
    const words = /^turnstile needs Node 24 or newer, and this is \d+\./;
    expect(told).toEqual({ code: 2, stderr: expect.stringMatching(words) });
  });
});
