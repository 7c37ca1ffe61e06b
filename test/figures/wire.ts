/**
 * 200,000 deltas as fast as a server sends them, through the whole program: `npm run build && node test/figures/wire.ts [deltas]`.
 * CPU of `turnstile exec --json`, beside a process that does nothing but read the same stream with `fetch`; and the peak
 * memory of 20,000 and of 200,000 deltas, beside each other.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startModelServer } from '../model-server/server.ts';
import { middle } from './kit.ts';

const MANY = Number(process.argv[2] ?? 200_000);
const FEW = MANY / 10;
const RUNS = 3;
const PROGRAM = fileURLToPath(new URL('../../cli/turnstile.mjs', import.meta.url));
const WIRES = ['responses', 'chat', 'anthropic'] as const;
const PATHS = { responses: '/responses', chat: '/chat/completions', anthropic: '/messages' };
const REPORT = `process.on('exit', () => { const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write('\\nUSED ' + JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, rss: maxRSS / 1024 }) + '\\n'); });`;

interface Used {
  readonly cpu: number;
  readonly rss: number;
}

const folder = mkdtempSync(join(tmpdir(), 'turnstile-wire-'));
const used = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Used> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(REPORT)}`, ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, TURNSTILE_HOME: join(folder, 'home'), ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-4_000)));
    child.on('close', (code) => {
      const told = /USED (.*)/.exec(said)?.[1];
      if (code === 0 && told !== undefined) resolve(JSON.parse(told) as Used);
      else reject(new Error(`it ended with ${code}: ${said}`));
    });
  });

const reader = (url: string): string => `
  const { body } = await fetch(${JSON.stringify(url)}, { method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ stream: true, tools: [{ type: 'function', name: 'shell', function: { name: 'shell' } }], model: 'm', input: [], messages: [] }) });
  let bytes = 0; for await (const chunk of body) bytes += chunk.length; if (bytes < 1000) throw new Error('no stream');`;

console.log(`${MANY} deltas, medians of ${RUNS} runs in turn`);
for (const wire of WIRES) {
  const server = await startModelServer({ turns: [{ items: [{ type: 'text', text: 'x' }] }] });
  const say = (deltas: number) =>
    server.load({ turns: [{ items: [{ type: 'text', deltas, delta: 'word ', gap_ms: 0 }] }] });
  const provider = `{name="m",base_url="${server.url}",wire_api="${wire}"}`;
  const ours = () =>
    used([
      ...[PROGRAM, 'exec', '--json', '--ephemeral', '-m', 'm', '-c', `model_providers.m=${provider}`],
      ...['-c', 'model_provider=m', '-c', 'model_context_window=10000000', 'go'],
    ]);
  const bare = () => used(['--input-type=module', '-e', reader(`${server.url}${PATHS[wire]}`)]);
  const many: Used[] = [];
  const few: Used[] = [];
  const read: Used[] = [];
  const readFew: Used[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    say(MANY);
    many.push(await ours());
    read.push(await bare());
    say(FEW);
    few.push(await ours());
    readFew.push(await bare());
  }
  const of = (runs: readonly Used[], what: keyof Used) => middle(runs.map((one) => one[what]));
  console.log(
    [
      wire.padEnd(10),
      `CPU ${of(many, 'cpu').toFixed(2)} s, ${(of(many, 'cpu') / of(read, 'cpu')).toFixed(2)} × a bare reader`,
      `peak memory ${of(many, 'rss').toFixed(0)} MB, ${(of(many, 'rss') / of(few, 'rss')).toFixed(2)} × that of a tenth (the bare reader: ${of(read, 'rss').toFixed(0)} MB, ${(of(read, 'rss') / of(readFew, 'rss')).toFixed(2)} ×)`,
    ].join('  '),
  );
  await server.close();
}
rmSync(folder, { recursive: true, force: true });
