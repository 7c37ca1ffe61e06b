/**
 * Whole processes, from start to exit: the program as it is bundled, against a real server on loopback. Each is measured in
 * turn with what the language and the system cost by themselves.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startModelServer } from '../model-server/server.ts';
import type { Turn } from '../model-server/scenario.ts';
import { typical, type Row } from './row.ts';
import { newPlace, type Spent } from './spent.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CALLS = 16;
const DELTAS = 20_000;

/** Node's own parts that a turn needs; more of them is time at every start, whatever the machine does besides. */
const PARTS_OF_A_TURN = 215;
/** A WebSocket client and all it needs: as long to load as Node takes to start. An `import` of `node:http` loads it. */
const NEVER_LOADED = /^NativeModule internal\/deps\/undici\/undici$/;

const HELLO: Turn = { items: [{ type: 'text', text: 'hello' }] };
const SPAWNS = `const { spawn } = require('node:child_process');
const one = (n) => new Promise((done) => spawn('/bin/bash', ['-c', 'echo ' + n]).on('close', done).stdout.resume());
(async () => { for (let n = 0; n < ${CALLS}; n++) await one(n); })();`;
const readerOf = (
  url: string,
) => `const body = JSON.stringify({ stream: true, tools: [{ type: 'function', name: 'shell' }], model: 'm', input: [] });
require('node:http').request(${JSON.stringify(`${url}/responses`)}, { method: 'POST', headers: { 'content-type': 'application/json' } }, (answer) => {
  let rest = '', deltas = 0;
  answer.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\\n'); rest = lines.pop();
    for (const line of lines) if (line.startsWith('data: {') && JSON.parse(line.slice(6)).type.endsWith('.delta')) deltas++;
  }).on('end', () => { if (deltas < ${DELTAS}) throw new Error(deltas + ' deltas'); process.exit(0); });
}).end(body);`;

/** The launcher and its bundles, made of the sources as they are: what lies in `dist` may be older. */
const bundledIn = async (folder: string): Promise<string> => {
  const program = join(folder, 'program');
  mkdirSync(join(program, 'cli'), { recursive: true });
  copyFileSync(join(ROOT, 'package.json'), join(program, 'package.json'));
  copyFileSync(join(ROOT, 'cli/turnstile.mjs'), join(program, 'cli/turnstile.mjs'));
  const script = `(await import(${JSON.stringify(join(ROOT, 'cli/bundle.mjs'))})).buildProgram(${JSON.stringify(join(program, 'dist'))})`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return join(program, 'cli/turnstile.mjs');
};

export const measureWhole = async (rounds: number): Promise<readonly Row[]> => {
  const place = newPlace();
  const server = await startModelServer({ turns: [HELLO] });
  try {
    const program = await bundledIn(place.folder);
    const provider = `[model_providers.m]\nname = "m"\nbase_url = "${server.url}"\nwire_api = "responses"\n`;
    mkdirSync(place.home, { recursive: true });
    writeFileSync(join(place.home, 'config.toml'), `model = "m"\nmodel_provider = "m"\n${provider}`);
    const exec = (turns: readonly Turn[], ...flags: readonly string[]) => {
      server.load({ turns });
      return place.run([program, 'exec', '-s', 'danger-full-access', ...flags, 'go']);
    };
    const calls = Array.from({ length: CALLS }, (_, n): Turn => ({ items: [{ type: 'shell', command: `echo ${n}` }] }));
    const stream: readonly Turn[] = [{ items: [{ type: 'text', deltas: DELTAS, delta: 'word ' }] }];

    const kinds: Readonly<Record<string, () => Promise<Spent>>> = {
      node: () => place.run(['-e', '0']),
      version: () => place.run([program, '--version']),
      turn: () => exec([HELLO]),
      spawns: () => place.run(['-e', SPAWNS]),
      calls: () => exec([...calls, HELLO]),
      reader: () => {
        server.load({ turns: stream });
        return place.run(['-e', readerOf(server.url)]);
      },
      deltas: () => exec(stream, '--json', '--ephemeral', '-c', 'model_context_window=10000000'),
    };
    await exec([...calls, HELLO]); // whoever comes first compiles, and keeps it for the others
    const seen = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, [] as Spent[]]));
    for (let round = 0; round < rounds; round++)
      for (const [kind, run] of Object.entries(kinds)) seen[kind]?.push(await run());

    const of = (kind: string, what: 'cpuMs' | 'peakMiB') => typical((seen[kind] ?? []).map((spent) => spent[what]));
    const row = (name: string, base: string, what: string): Row => {
      const [ours, baseline] = [of(name, 'cpuMs'), of(base, 'cpuMs')];
      return { name, what, ratio: ours / baseline, ours, baseline, unit: 'ms' };
    };
    const parts = seen['turn']?.[0]?.parts ?? [];
    const needless = parts.filter((part) => NEVER_LOADED.test(part)).length * PARTS_OF_A_TURN;
    return [
      row('version', 'node', '--version : node -e 0, CPU'),
      row('turn', 'node', 'one turn of exec with a journal : node -e 0, CPU'),
      row('calls', 'spawns', `a turn with ${CALLS} commands : a script that only starts them, CPU`),
      row('deltas', 'reader', `a turn of ${DELTAS} deltas : a script that only parses them, CPU`),
      {
        ...{ name: 'memory', what: 'that turn : node -e 0, peak memory', unit: 'MiB' },
        ...{ ours: of('turn', 'peakMiB'), baseline: of('node', 'peakMiB') },
        ratio: of('turn', 'peakMiB') / of('node', 'peakMiB'),
      },
      {
        ...{ name: 'parts', what: "Node's own parts that the turn loads : those that it needs", unit: '' },
        ...{ ours: parts.length + needless, baseline: PARTS_OF_A_TURN },
        ratio: (parts.length + needless) / PARTS_OF_A_TURN,
      },
    ];
  } finally {
    await server.close();
    place.remove();
  }
};
