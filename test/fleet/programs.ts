/** Servers and workers as processes of their own, and a client that keeps at it: it asks again until it is answered. */
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type { Op, RuntimeEvent, Stamped } from '../../machines/protocol/index.ts';

const program = join(import.meta.dirname, '..', '..', 'cli', 'turnstile.mjs');
export const TOKEN = 'a token of the tests';

export interface Program {
  readonly child: ChildProcess;
  /** Its first line on stdout. */
  readonly line: string;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>;
}

export const start = async (args: readonly string[], env: Record<string, string>, cwd: string): Promise<Program> => {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', TURNSTILE_FROM_SOURCE: '1', TURNSTILE_TOKEN: TOKEN, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.split('\n')[0] ?? '');
    });
    void ended.then((code) => reject(new Error(`${args.join(' ')} ended with ${code}: ${said.join('')}`)));
  });
  const end = (signal: NodeJS.Signals) => {
    child.kill('SIGCONT');
    child.kill(signal);
    return ended;
  };
  return { child, line, said: () => said.join(''), ended, end };
};

type Fact = Stamped<RuntimeEvent>;

export interface Client {
  readonly create: (id: string, more?: object) => Promise<void>;
  /** Kept by the server, and answered by the session, or only kept. */
  readonly ask: (id: string, op: Op) => Promise<{ readonly kind: string }>;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  /** Facts from a position on; it reads on after the last one that it had, whatever happens to the server. */
  readonly follow: (id: string, from: number, signal: AbortSignal) => AsyncGenerator<Fact, void, undefined>;
}

export const framesIn = (text: string): { readonly facts: readonly Fact[]; readonly rest: string } => {
  const frames = text.split('\n\n');
  const rest = frames.pop() ?? '';
  const facts = frames.flatMap((frame) => {
    const data = frame.split('\n').find((line) => line.startsWith('data: '));
    return data === undefined ? [] : [JSON.parse(data.slice(6)) as Fact];
  });
  return { facts, rest };
};

export const clientOf = (address: () => string): Client => {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const get: Client['get'] = (path, more = {}) => fetch(`${address()}${path}`, { headers: { ...headers, ...more } });
  const post = async (path: string, body: unknown): Promise<unknown> => {
    for (;;) {
      try {
        const response = await fetch(`${address()}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
        if (response.status < 300) return await response.json();
        if (response.status < 500) throw new TypeError(`${response.status}: ${await response.text()}`);
      } catch (error) {
        if (error instanceof TypeError && /^\d/.test(error.message)) throw error;
      }
      await sleep(50);
    }
  };
  return {
    get,
    create: async (id, more = {}) => void (await post('/v1/sessions', { id, ...more })),
    ask: async (id, op) => (await post(`/v1/sessions/${id}/ops`, op)) as { readonly kind: string },
    async *follow(id, from, signal) {
      for (let next = from; !signal.aborted; await sleep(20)) {
        try {
          const last: Record<string, string> = next > 0 ? { 'last-event-id': String(next - 1) } : {};
          const response = await fetch(`${address()}/v1/sessions/${id}/events`, {
            headers: { ...headers, ...last },
            signal,
          });
          if (response.body === null || response.status !== 200) continue;
          let text = '';
          for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
            const { facts, rest } = framesIn(text + chunk);
            text = rest;
            for (const fact of facts) {
              yield fact;
              next = fact.seq + 1;
            }
          }
        } catch {
          // cut: the server went, or we did
        }
      }
    },
  };
};
