/**
 * Serves the page to one browser on this machine, and to nobody else.
 *
 *   reach      127.0.0.1 only; a Host that is another name is refused (a foreign page cannot pose as us)
 *   origin     a request that a foreign page made is refused; there are no CORS headers, no cookies, no WebSocket
 *   access     a one-time code in the fragment of the address is traded for a bearer, which stays in the page's memory
 *   acting     view only, unless the terminal allowed more
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { headerPolicy } from './page-template.ts';
import type { ActorTold, Row, Story, Verdict } from './story.ts';

export const CODE_LIFETIME_MS = 60_000;
export const MAX_BODY_BYTES = 64 * 1024;
export const HEARTBEAT_MS = 10_000;
/** What a reader may leave unread before it is dropped; it can come back and catch up. */
export const MAX_UNREAD_BYTES = 32 * 1024 * 1024;

export interface News {
  /** Rows from here on are new, or have changed. */
  readonly from: number;
  readonly rows: readonly Row[];
  readonly actors: readonly ActorTold[];
  readonly verdict: Verdict;
  /** Once, where there was nothing before. */
  readonly title?: string;
  readonly head?: Story['head'];
}
export type Answer = { readonly kind: string; readonly [more: string]: unknown };

export interface ServerOptions {
  readonly page: string;
  readonly port: number;
  readonly now: () => number;
  readonly story: () => Story;
  /** Calls back with what is new until the returned function is called. */
  readonly follow: (onNews: (news: News) => void) => () => void;
  /** Null: the page may only look. */
  readonly command: ((op: unknown) => Promise<Answer>) | null;
}
export interface InspectorServer {
  readonly port: number;
  /** An address with a fresh code; it works once, for a minute. */
  address(): string;
  close(): Promise<void>;
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
const isSame = (given: string, expected: string): boolean => timingSafeEqual(hash(given), hash(expected));

const BASE_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
};

export const serveInspector = async (options: ServerOptions): Promise<InspectorServer> => {
  const { page, now, story, follow, command } = options;
  const codes = new Map<string, number>();
  const bearers: string[] = [];
  const policy = headerPolicy(page);
  const where = { port: options.port };

  const reply = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { ...BASE_HEADERS, 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const refuse = (response: ServerResponse, status: number, why: string): void =>
    reply(response, status, { message: why });

  const isOurHost = ({ headers: { host } }: IncomingMessage): boolean =>
    host === `127.0.0.1:${where.port}` || host === `localhost:${where.port}`;
  const isOurOrigin = ({ headers }: IncomingMessage): boolean => {
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    const isOwn = origin === undefined || origin === `http://${headers.host}`;
    return isOwn && (site === undefined || site === 'same-origin' || site === 'none');
  };
  const isKnown = ({ headers: { authorization = '' } }: IncomingMessage): boolean =>
    bearers.some((bearer) => isSame(authorization, `Bearer ${bearer}`));

  const trade = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const code = typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : '';
    const known = [...codes].find(([candidate]) => isSame(code, candidate));
    if (known !== undefined) codes.delete(known[0]);
    if (known === undefined || now() - known[1] > CODE_LIFETIME_MS)
      return refuse(response, 401, 'this code is not valid');
    const bearer = randomBytes(32).toString('base64url');
    bearers.push(bearer);
    reply(response, 200, { bearer, control: command !== null });
  };

  const stream = (response: ServerResponse): void => {
    response.writeHead(200, { ...BASE_HEADERS, 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    const say = (value: unknown): void => {
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
      else response.write(`${JSON.stringify(value)}\n`);
    };
    const stop = follow(say);
    const beat = setInterval(() => say({ alive: true }), HEARTBEAT_MS);
    response.on('close', () => {
      clearInterval(beat);
      stop();
    });
  };

  const act = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (command === null) return refuse(response, 403, 'this page may only look; start with --control to let it act');
    const body = await bodyOf(request);
    if (body === undefined) return refuse(response, 400, 'the body is no JSON, or too long');
    reply(response, 200, await command(body));
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url } = request;
    if (!isOurHost(request)) return refuse(response, 421, 'this server answers to 127.0.0.1 only');
    const isVisit = method === 'GET' && url === '/' && request.headers['sec-fetch-dest'] === 'document';
    if (!isVisit && !isOurOrigin(request)) return refuse(response, 403, 'another page asked for this');
    if (method === 'POST' && request.headers['content-type'] !== 'application/json')
      return refuse(response, 415, 'only JSON is taken');
    const asked = `${method} ${url}`;
    if (asked === 'GET /') {
      response.writeHead(200, {
        ...BASE_HEADERS,
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
        'x-frame-options': 'DENY',
      });
      return void response.end(page);
    }
    if (asked === 'POST /api/session') return trade(request, response);
    if (!isKnown(request)) return refuse(response, 401, 'no bearer, or an old one');
    switch (asked) {
      case 'GET /api/story':
        return reply(response, 200, story());
      case 'GET /api/follow':
        return stream(response);
      case 'POST /api/command':
        return act(request, response);
      default:
        return refuse(response, 404, 'there is nothing here');
    }
  };

  const server = createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  server.on('upgrade', (_request, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  where.port = typeof address === 'object' && address !== null ? address.port : options.port;

  return {
    port: where.port,
    address: () => {
      const code = randomBytes(24).toString('base64url');
      codes.set(code, now());
      return `http://127.0.0.1:${where.port}/#${code}`;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
