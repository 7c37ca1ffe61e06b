/**
 * A model server on 127.0.0.1 for tests: real HTTP, every wire, scripted. It records what it was asked, when, and when
 * the client went away.
 */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer } from './answer.ts';
import type { ServedWire } from './encoder.ts';
import { anthropicWire } from './anthropic.wire.ts';
import { chatWire } from './chat.wire.ts';
import { type Progress, render } from './perform.ts';
import { responsesWire } from './responses.wire.ts';
import { type Scenario, SIDE, type Turn } from './scenario.ts';

const WIRES = {
  responses: responsesWire,
  chat: chatWire,
  anthropic: anthropicWire,
} as const satisfies Record<string, ServedWire>;

export interface Recorded extends Readonly<Progress> {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Offered tools: it consumed a turn. */
  readonly isMain: boolean;
  /** The client's end of the connection: the same number is the same connection. */
  readonly clientPort: number;
  /** `performance.now()`. */
  readonly at: number;
  /** Resolves when the response is over, one way or the other. */
  readonly over: Promise<void>;
}

export interface ModelServer {
  /** With `/v1`. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly Recorded[];
  /** Resolves with the nth request, from 0, as soon as it has arrived. */
  arrived(nth: number): Promise<Recorded>;
  /** The body that a turn comes to on a wire, whole. */
  render(wire: keyof typeof WIRES, turn: Turn): Promise<string>;
  /** Replaces the scenario; the first turn is next. */
  load(scenario: Scenario): void;
  close(): Promise<void>;
}

const record = (text: string): Record<string, unknown> => {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
};

export const startModelServer = async (first: Scenario, port = 0): Promise<ModelServer> => {
  let scenario = first;
  let turns = 0;
  const requests: Recorded[] = [];
  const waiting: { nth: number; resolve: (request: Recorded) => void }[] = [];

  const server = createServer((request, response) => {
    request.setEncoding('utf8');
    let text = '';
    request.on('data', (chunk: string) => (text += chunk));
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('end', () => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      const wire = Object.values(WIRES).find((candidate) => candidate.path.test(path));
      if (wire === undefined) {
        response.writeHead(404, { 'content-type': 'application/json' });
        return void response.end(JSON.stringify({ error: { message: `no such path: ${path}` } }));
      }
      const body = record(text);
      const tools = wire.toolNames(body);
      const isMain = tools.length > 0;
      const n = requests.length;
      const turn = isMain ? scenario.turns[Math.min(turns, scenario.turns.length - 1)] : scenario.side;
      if (isMain) turns += 1;
      const progress: Progress = { deltas: 0, isAbandoned: false };
      const over = new Promise<void>((resolve) =>
        response.once('close', () => {
          progress.isAbandoned = !response.writableFinished;
          resolve();
        }),
      );
      const recorded: Recorded = Object.assign(progress, {
        path: request.url ?? '',
        headers: request.headers,
        text,
        body,
        isMain,
        clientPort: request.socket.remotePort ?? 0,
        at: performance.now(),
        over,
      });
      requests.push(recorded);
      for (const { nth, resolve } of waiting) if (nth === n) resolve(recorded);
      const model = typeof body['model'] === 'string' ? body['model'] : 'model';
      void answer(response, turn ?? SIDE, { encoder: wire.encoder(n, model), tools, n, progress });
    });
  });

  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}/v1`,
    port: bound,
    requests,
    arrived: (nth) => {
      const known = requests[nth];
      return known ? Promise.resolve(known) : new Promise((resolve) => waiting.push({ nth, resolve }));
    },
    render: (wire, turn) => render(turn, WIRES[wire].encoder(0, 'model')),
    load: (next) => {
      scenario = next;
      turns = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
