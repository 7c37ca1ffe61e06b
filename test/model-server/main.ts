/** The model server as a program: `node main.ts [--port 0] [--scenario FILE]` prints `{"port": …}` and serves until SIGTERM. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Scenario } from './scenario.ts';
import { startModelServer } from './server.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, scenario: { type: 'string' } } });
const scenario =
  values.scenario === undefined
    ? { turns: [{ items: [{ type: 'text' as const, text: 'hello' }] }] }
    : (JSON.parse(await readFile(values.scenario, 'utf8')) as Scenario);

const server = await startModelServer(scenario, Number(values.port));
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
process.once('SIGTERM', () => void server.close());
