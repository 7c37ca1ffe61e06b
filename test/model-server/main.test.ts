/** The model server as others start it: a program that prints its port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('prints its port, serves every wire by its scenario, and ends on SIGTERM', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'model-server-'));
  const scenario = join(folder, 'scenario.json');
  await writeFile(scenario, JSON.stringify({ turns: [{ items: [{ type: 'text', text: 'from a file' }] }] }));
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [main, '--port', '0', '--scenario', scenario], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const { port } = JSON.parse(line) as { port: number };

  const tools = [{ name: 'shell', function: { name: 'shell' } }];
  for (const path of ['responses', 'chat/completions', 'messages']) {
    const url = `http://127.0.0.1:${port}/v1/${path}`;
    const main = await fetch(url, { method: 'POST', body: JSON.stringify({ model: 'm', tools }) });
    expect(main.headers.get('content-type')).toBe('text/event-stream');
    expect(await main.text()).toContain('file');
    const side = await fetch(url, { method: 'POST', body: JSON.stringify({ model: 'm' }) });
    expect(await side.text()).not.toContain('file');
  }
  expect((await fetch(`http://127.0.0.1:${port}/v1/nothing`)).status).toBe(404);

  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(child.exitCode).toBe(0);
  await rm(folder, { recursive: true });
});
