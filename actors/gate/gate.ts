/**
 * The one way out for a command whose network is a list of hosts: a proxy, for as long as the command runs. It speaks plain
 * HTTP and CONNECT on connections that it is handed, wherever they come from.
 *
 * Promises: no byte reaches a host that is not listed; what is connected to is the address that was checked; whoever is
 * refused is told why, and so are we; after `close` nothing of it is left.
 */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { inWords, targetOf, type Target } from '../../sandbox/hosts.ts';
import { find, type Resolve } from './addresses.ts';
import { CONNECT_MS, HEAD_MS, IDLE_MS, MAX_BYTES, MAX_CONNECTIONS, MAX_HEAD, MAX_REMEMBERED } from './limits.ts';

export interface GateOptions {
  readonly hosts: readonly string[];
  /** Never, whatever the hosts say. */
  readonly except?: readonly string[] | undefined;
  readonly resolve: Resolve;
  /** Times in milliseconds; the defaults are in limits.ts. */
  readonly headMs?: number;
  readonly idleMs?: number;
  readonly maxConnections?: number;
  readonly maxBytes?: number;
}

export interface Gate {
  /** Serves whoever connects there; the server is ours from now on. */
  serve(server: Server): void;
  /** Hosts that were wanted, are not listed, and could be granted: `name:port`. */
  refused(): readonly string[];
  /** All that were turned away, also those of which a rule or their address says so. */
  turnedAway(): readonly string[];
  /** Hosts that were connected to. */
  contacted(): readonly string[];
  /** Ends every connection before it returns. */
  close(): void;
}

/** Concern one hop only (RFC 9110, 7.6.1), or the proxy itself. */
const HOP = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);
const passedOn = (raw: readonly string[], connection: string | undefined): readonly string[] => {
  const named = new Set((connection ?? '').toLowerCase().split(/\s*,\s*/));
  return raw.flatMap((name, at) => {
    const lower = name.toLowerCase();
    return at % 2 === 1 || HOP.has(lower) || named.has(lower) || lower === 'host' ? [] : [name, raw[at + 1] ?? ''];
  });
};

const targetOfUrl = (text: string): { readonly target: Target; readonly url: URL } | null => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== 'http:' || url.username !== '' || url.password !== '') return null;
  const target = targetOf(`${url.hostname}:${url.port || '80'}`);
  return target === null ? null : { target, url };
};

export const createGate = (options: GateOptions): Gate => {
  const { hosts, except = [], resolve, headMs = HEAD_MS, idleMs = IDLE_MS } = options;
  const { maxConnections = MAX_CONNECTIONS, maxBytes = MAX_BYTES } = options;
  const servers = new Set<Server>();
  const sockets = new Set<Duplex>();
  const [refusals, turnedAway, contacts] = [new Set<string>(), new Set<string>(), new Set<string>()];
  /** Calls off the clock of a connection whose head is there. */
  const heads = new WeakMap<Duplex, () => void>();
  const life = { isOver: false };

  const keep = <S extends Duplex>(socket: S): S => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    if (life.isOver) socket.destroy();
    return socket;
  };
  const remember = (set: Set<string>, target: Target) => {
    if (set.size < MAX_REMEMBERED) set.add(inWords(target));
  };
  /** A connection to the target, or the reason why there is none. */
  const reach = async (target: Target): Promise<Socket | string> => {
    const found = await find({ hosts, except }, target, resolve);
    if ('refused' in found) {
      if (found.why === 'unlisted') remember(refusals, target);
      if (found.why !== 'unknown') remember(turnedAway, target);
      return `${inWords(target)}: ${found.refused}`;
    }
    if (life.isOver) return 'the command has ended';
    const socket = keep(connect({ host: found.address, port: target.port, timeout: CONNECT_MS }));
    const { promise, resolve: settle } = Promise.withResolvers<Socket | string>();
    socket.once('connect', () => settle(socket));
    socket.once('timeout', () => socket.destroy());
    socket.once('close', () => settle(`${inWords(target)}: no connection`));
    const reached = await promise;
    if (typeof reached !== 'string') remember(contacts, target);
    return reached;
  };
  /** Whoever is silent, or takes too much, is cut off. What is on its way to `near` still arrives. */
  const meter = (near: Duplex | ServerResponse, far: Socket) => {
    const passed = { bytes: 0 };
    const end = () => {
      near.destroy();
      far.destroy();
    };
    far.on('data', (chunk: Uint8Array) => {
      passed.bytes += chunk.length;
      if (passed.bytes + far.bytesWritten > maxBytes) end();
    });
    far.setTimeout(idleMs, end);
    near.once('close', () => far.destroy());
  };

  const tunnel = async ({ url = '' }: IncomingMessage, near: Duplex, head: Buffer): Promise<void> => {
    heads.get(near)?.();
    const target = targetOf(url);
    const far = target === null ? `${url}: not a host and a port` : await reach(target);
    if (typeof far === 'string') {
      const text = `turnstile: ${far}\n`;
      const length = Buffer.byteLength(text);
      near.end(`HTTP/1.1 403 Refused by the sandbox\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${text}`);
      return;
    }
    near.write('HTTP/1.1 200 Connected\r\n\r\n');
    if (head.length > 0) far.write(head);
    meter(near, far);
    far.once('close', () => near.end());
    near.pipe(far).pipe(near);
  };

  const forward = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refuse = (status: number, text: string) => {
      if (response.headersSent) return void response.destroy();
      response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`turnstile: ${text}\n`);
    };
    heads.get(incoming.socket)?.();
    const wanted = targetOfUrl(incoming.url ?? '');
    if (wanted === null) return refuse(400, 'this is a proxy for http, and CONNECT for all else');
    const far = await reach(wanted.target);
    if (typeof far === 'string') return refuse(403, far);
    const { url } = wanted;
    const { method, rawHeaders, headers } = incoming;
    const out = request({
      createConnection: () => far,
      ...(method === undefined ? {} : { method }),
      path: `${url.pathname}${url.search}`,
      setHost: false,
      // What was checked is what is asked for, whatever the head said.
      headers: ['Host', url.host, ...passedOn(rawHeaders, headers.connection), 'Connection', 'close'],
    });
    meter(response, far);
    out.once('error', () => refuse(502, `${inWords(wanted.target)}: the connection broke`));
    out.once('response', (answer) => {
      const passed = passedOn(answer.rawHeaders, answer.headers.connection);
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, [...passed, 'Connection', 'close']);
      answer.pipe(response);
    });
    incoming.pipe(out);
  };

  const proxy = createServer(
    { maxHeaderSize: MAX_HEAD, headersTimeout: headMs, requestTimeout: 0, connectionsCheckingInterval: headMs / 2 },
    (incoming, response) => void forward(incoming, response),
  );
  proxy.on('connect', (incoming, near, head) => void tunnel(incoming, near, head));
  proxy.on('clientError', (_, socket) => socket.destroy());

  return {
    serve: (server) => {
      servers.add(server);
      server.on('error', () => server.close());
      server.on('connection', (socket) => {
        if (sockets.size >= 2 * maxConnections) return void socket.destroy();
        keep(socket);
        // A server that never listened has no clock for heads that do not come.
        const late = setTimeout(() => socket.destroy(), headMs);
        socket.once('close', () => clearTimeout(late));
        heads.set(socket, () => clearTimeout(late));
        proxy.emit('connection', socket);
      });
      if (life.isOver) server.close();
    },
    refused: () => [...refusals],
    turnedAway: () => [...turnedAway],
    contacted: () => [...contacts],
    close: () => {
      life.isOver = true;
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};
