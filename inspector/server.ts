/**
 * Serves the page to one browser on this machine, and to nobody else.
 *
 *   reach      127.0.0.1 only; a Host that is another name is refused (a foreign page cannot pose as us)
 *   origin     a request that a foreign page made is refused; there are no CORS headers, no cookies, no WebSocket
 *   access     a one-time code in the fragment of the address is traded for a bearer, which stays in the page's memory
 *   acting     view only; who may act came with another code, which the terminal prints apart
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Possible } from './acts.ts';
import { headerPolicy } from './page-template.ts';
import type { ActorTold, MessageTold, Row, Story, Verdict } from './story.ts';

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
  readonly messages: readonly MessageTold[];
  /** Once, where there was nothing before. */
  readonly title?: string;
  readonly head?: Story['head'];
}
export type Answer = { readonly kind: string; readonly [more: string]: unknown };

/** What a page that may act can do; each part is null where it cannot be done here. */
export interface Control {
  readonly possible: (() => readonly Possible[]) | null;
  readonly command: ((op: unknown) => Promise<Answer>) | null;
  readonly fork: ((before: number) => Promise<Answer>) | null;
}
export type Rights = 'look' | 'act';

export interface ServerOptions {
  readonly page: string;
  readonly port: number;
  readonly now: () => number;
  readonly story: () => Story;
  /** Calls back with what is new until the returned function is called; first, if asked, with what came since a row. */
  readonly follow: (onNews: (news: News) => void, since: number | null) => () => void;
  /** Null: every page may only look. */
  readonly control: Control | null;
}
export interface InspectorServer {
  readonly port: number;
  /** An address with a fresh code; it works once, for a minute. */
  address(rights?: Rights): string;
  close(): Promise<void>;
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
const isSame = (given: string, expected: string): boolean => timingSafeEqual(hash(given), hash(expected));

const countIn = (text: string | null): number | null => (text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null);
/** Of a fork: the message before which it is cut; -1 stands for none that there could be. */
const placeIn = (body: unknown): number =>
  typeof body === 'object' && body !== null && 'before' in body && Number.isSafeInteger(body.before)
    ? Number(body.before)
    : -1;

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
  const { page, now, story, follow, control } = options;
  const codes = new Map<string, { readonly made: number; readonly rights: Rights }>();
  const bearers: { readonly bearer: string; readonly rights: Rights }[] = [];
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
  const rightsOf = ({ headers: { authorization = '' } }: IncomingMessage): Rights | null =>
    bearers.find(({ bearer }) => isSame(authorization, `Bearer ${bearer}`))?.rights ?? null;

  const trade = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const code = typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : '';
    const known = [...codes].find(([candidate]) => isSame(code, candidate));
    if (known !== undefined) codes.delete(known[0]);
    if (known === undefined || now() - known[1].made > CODE_LIFETIME_MS)
      return refuse(response, 401, 'this code is not valid');
    const bearer = randomBytes(32).toString('base64url');
    const { rights } = known[1];
    bearers.push({ bearer, rights });
    const may = rights === 'act' ? control : null;
    reply(response, 200, { bearer, mayAct: (may?.command ?? null) !== null, mayFork: (may?.fork ?? null) !== null });
  };

  const stream = (response: ServerResponse, since: number | null): void => {
    response.writeHead(200, { ...BASE_HEADERS, 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    const say = (value: unknown): void => {
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
      else response.write(`${JSON.stringify(value)}\n`);
    };
    const stop = follow(say, since);
    const beat = setInterval(() => say({ alive: true }), HEARTBEAT_MS);
    response.on('close', () => {
      clearInterval(beat);
      stop();
    });
  };

  const act = async (
    request: IncomingMessage,
    response: ServerResponse,
    todo: ((body: unknown) => Promise<Answer>) | null,
  ): Promise<void> => {
    if (todo === null) return refuse(response, 403, 'this page may only look; start with --control to let it act');
    const body = await bodyOf(request);
    if (body === undefined) return refuse(response, 400, 'the body is no JSON, or too long');
    reply(response, 200, await todo(body));
  };

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url } = request;
    if (!isOurHost(request)) return refuse(response, 421, 'this server answers to 127.0.0.1 only');
    const isVisit = method === 'GET' && url === '/' && request.headers['sec-fetch-dest'] === 'document';
    if (!isVisit && !isOurOrigin(request)) return refuse(response, 403, 'another page asked for this');
    if (method === 'POST' && request.headers['content-type'] !== 'application/json')
      return refuse(response, 415, 'only JSON is taken');
    const { pathname, searchParams } = new URL(url ?? '/', 'http://127.0.0.1');
    const asked = `${method} ${pathname}`;
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
    const rights = rightsOf(request);
    if (rights === null) return refuse(response, 401, 'no bearer, or an old one');
    const may = rights === 'act' ? control : null;
    switch (asked) {
      case 'GET /api/story':
        return reply(response, 200, story());
      case 'GET /api/follow':
        return stream(response, countIn(searchParams.get('since')));
      case 'GET /api/possible':
        return reply(response, 200, may?.possible?.() ?? []);
      case 'POST /api/command':
        return act(request, response, may?.command ?? null);
      case 'POST /api/fork': {
        const fork = may?.fork ?? null;
        return act(request, response, fork && ((body) => fork(placeIn(body))));
      }
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
    address: (rights = 'look') => {
      const code = randomBytes(24).toString('base64url');
      codes.set(code, { made: now(), rights });
      return `http://127.0.0.1:${where.port}/#${code}`;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
