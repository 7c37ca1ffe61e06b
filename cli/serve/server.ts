/**
 * The server: who may ask, and how answers leave.
 *
 *   reach      where it was told to listen, and by these names only: a foreign page cannot pose as us
 *   origin     a request that a page made is refused, unless the page is our own; no CORS headers, no cookies
 *   access     a bearer token for everything but the two questions of health
 *   pressure   a reader that is slow is waited for and then reads on from the log; nothing piles up here
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { factIn } from '../../actors/log/tail.ts';
import { READ_LINES } from '../../actors/log/limits.ts';
import { ALIVE_MS, MAX_BODY_BYTES, MAX_STREAMS } from './limits.ts';
import { openApiDocument } from './openapi.ts';
import { ROUTES, type Answer, type Context, type Route } from './routes.ts';

export interface ServerOptions extends Context {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly version: string;
}
export interface Server {
  readonly address: string;
  readonly streams: () => number;
  readonly close: () => Promise<void>;
}

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
const isSame = (given: string, expected: string): boolean => timingSafeEqual(hash(given), hash(expected));

type Body = { readonly kind: 'body'; readonly value: unknown } | { readonly kind: 'bad'; readonly why: string };

const bodyOf = async (request: IncomingMessage): Promise<Body> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return { kind: 'bad', why: `a body has ${MAX_BODY_BYTES} bytes at most` };
    chunks.push(chunk);
  }
  if (size === 0) return { kind: 'body', value: undefined };
  try {
    return { kind: 'body', value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { kind: 'bad', why: 'the body is no JSON' };
  }
};

interface Found {
  readonly route: Route;
  readonly id: string;
}
const PATTERNS = ROUTES.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replace('{id}', '([A-Za-z0-9._-]{1,100})')}$`),
}));
const find = (method: string, path: string): Found | null => {
  for (const { route, pattern } of PATTERNS) {
    const match = route.method === method ? pattern.exec(path) : null;
    if (match !== null) return { route, id: match[1] ?? '' };
  }
  return null;
};

export const startServer = async (options: ServerOptions): Promise<Server> => {
  const { host, token, version, log, tail } = options;
  const where = { port: options.port, streams: 0 };
  const life = new AbortController();

  const reply = (response: ServerResponse, status: number, body: unknown): void => {
    response.writeHead(status, { ...HEADERS, 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const refuse = (response: ServerResponse, status: number, message: string): void =>
    reply(response, status, { message });

  const isOurHost = ({ headers }: IncomingMessage): boolean =>
    ['127.0.0.1', 'localhost', '[::1]', host].some((name) => headers.host === `${name}:${where.port}`);
  const isOurOrigin = ({ headers }: IncomingMessage): boolean => {
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    return (
      (origin === undefined || origin === `http://${headers.host}`) &&
      [undefined, 'same-origin', 'none'].includes(site?.toString())
    );
  };

  /** Waits for a reader that is slow; false when it is gone. */
  const give = async (response: ServerResponse, text: string, signal: AbortSignal): Promise<boolean> => {
    if (signal.aborted) return false;
    if (response.write(text)) return true;
    await new Promise<void>((resolve) => {
      const go = () => {
        response.off('drain', go);
        signal.removeEventListener('abort', go);
        resolve();
      };
      response.on('drain', go);
      signal.addEventListener('abort', go);
    });
    return !signal.aborted;
  };
  const stream = async (response: ServerResponse, id: string, from: number, signal: AbortSignal): Promise<void> => {
    if (where.streams >= MAX_STREAMS) return refuse(response, 503, 'too many streams; come back later');
    where.streams += 1;
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    response.flushHeaders();
    const beat = setInterval(() => {
      if (!response.writableNeedDrain) response.write(': alive\n\n');
    }, ALIVE_MS);
    try {
      for await (const lines of tail.follow(id, from, signal)) {
        const facts = lines.flatMap((line) => factIn(line, log.blobs) ?? []);
        const text = facts.map((fact) => `id: ${fact.seq}\ndata: ${JSON.stringify(fact)}\n\n`).join('');
        if (text !== '' && !(await give(response, text, signal))) return;
      }
    } finally {
      clearInterval(beat);
      where.streams -= 1;
      response.end();
    }
  };
  const journal = async (response: ServerResponse, id: string, upTo: number, signal: AbortSignal): Promise<void> => {
    response.writeHead(200, { ...HEADERS, 'content-type': 'application/x-ndjson' });
    for (let from = 0; from <= upTo;) {
      const lines = await log.read(id, from, Math.min(READ_LINES, upTo - from + 1));
      if (lines.length === 0 || !(await give(response, lines.map(({ text }) => `${text}\n`).join(''), signal))) break;
      from += lines.length;
    }
    response.end();
  };
  const deliver = (
    response: ServerResponse,
    answer: Answer,
    id: string,
    signal: AbortSignal,
    lastId: number | null,
  ) => {
    switch (answer.kind) {
      case 'json':
        return reply(response, answer.status, answer.body);
      case 'text':
        response.writeHead(200, { ...HEADERS, 'content-type': 'text/plain; version=0.0.4' });
        return void response.end(answer.body);
      case 'events':
        return stream(response, id, lastId === null ? answer.from : lastId + 1, signal);
      case 'lines':
        return journal(response, id, answer.upTo, signal);
    }
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '/', headers } = request;
    if (!isOurHost(request)) return refuse(response, 421, 'this server is not known by that name');
    if (!isOurOrigin(request)) return refuse(response, 403, 'another page asked for this');
    const { pathname, searchParams } = new URL(url, 'http://server');
    const found = find(method, pathname);
    const isKnown = isSame(headers.authorization ?? '', `Bearer ${token}`);
    if (!isKnown && found?.route.isOpen !== true) return refuse(response, 401, 'a bearer token is needed');
    if (method === 'GET' && pathname === '/openapi.json') return reply(response, 200, openApiDocument(version));
    if (found === null) return refuse(response, 404, 'there is nothing here');
    if (method === 'POST' && !/^application\/json\b/.test(headers['content-type'] ?? ''))
      return refuse(response, 415, 'only JSON is taken');
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, life.signal]);
    const body = method === 'POST' ? await bodyOf(request) : ({ kind: 'body', value: undefined } as const);
    if (body.kind === 'bad') return refuse(response, 400, body.why);
    const { route, id } = found;
    const given = await route.run(options, { id, body: body.value, query: searchParams, signal });
    const last = Number(headers['last-event-id']);
    await deliver(response, given, id, signal, headers['last-event-id'] !== undefined && last >= 0 ? last : null);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 503, `the log: ${error instanceof Error ? error.message : String(error)}`);
    });
  });
  server.on('upgrade', (_request, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, resolve);
  });
  const address = server.address();
  where.port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${where.port}`,
    streams: () => where.streams,
    close: () =>
      new Promise((resolve) => {
        life.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
