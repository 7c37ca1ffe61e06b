/** Real servers of tools for the live tests: the one that its makers try everything with, by its standard streams or by HTTP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { becomes } from '../processes/bench.ts';
import type { Turn } from '../model-server/scenario.ts';

/** Generous against a busy machine. Milliseconds. */
export const SOON_MS = 20_000;

const PROGRAM = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');
/** A server of tools starts slowly on a busy machine; whoever tests the limit sets another. */
const PATIENT = 'startup_timeout_sec=60';

const lines = (name: string, keys: readonly string[]) => [PATIENT, ...keys].map((key) => `mcp_servers.${name}.${key}`);

/** `-c` lines for a server that runs `script` in a shell. */
export const scripted = (name: string, script: string, ...more: readonly string[]): readonly string[] =>
  lines(name, ['command="/bin/sh"', `args=${JSON.stringify(['-c', script])}`, ...more]);

/** Writes its pid and everything that it is sent into files beside each other. */
export const everything = (name: string, folder: string, ...more: readonly string[]): readonly string[] =>
  scripted(
    name,
    `echo $$ > ${folder}/${name}.pid; tee ${folder}/${name}.heard | "${process.execPath}" "${PROGRAM}" stdio`,
    ...more,
  );

export const pidIn = (folder: string, name: string): number => Number(readFileSync(`${folder}/${name}.pid`, 'utf8'));
export const heardIn = (folder: string, name: string): string => readFileSync(`${folder}/${name}.heard`, 'utf8');

export const call = (name: string, args: Record<string, unknown>): Turn => ({ items: [{ type: 'call', name, args }] });

/** A port that was free a moment ago. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** The same server at an address of its own. */
export const overHttp = async () => {
  const port = await freePort();
  const child = spawn(process.execPath, [PROGRAM, 'streamableHttp'], {
    env: { PATH: process.env['PATH'], PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = { text: '' };
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (said.text += chunk));
  if (!(await becomes(() => said.text.includes('listening'), SOON_MS))) throw new Error(`no server: ${said.text}`);
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
};
