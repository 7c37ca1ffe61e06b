/**
 * One POST, and its answer as text while it arrives. No retries, no redirects, no knowledge of models.
 *
 * `node:http` and not `fetch`: it starts sooner, and reading the response synchronously is all the back-pressure we need.
 * Exactly one of `ended | failed` is called, after `opened` or without it; after `close()` nothing is called any more.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Time to reach the server, TLS included. Milliseconds. */
export const CONNECT_TIMEOUT_MS = 15_000;
/**
 * How long an unused connection is kept for the next request. Short: one that a router forgot meanwhile looks alive, and
 * a request on it would wait for the whole idle timeout. Milliseconds.
 */
const UNUSED_MS = 30_000;
/** After the answer is whole, how long the connection may take to become reusable. Milliseconds. */
const RELEASE_MS = 250;

export interface Post {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Longest silence, before the headers and after them. Milliseconds. */
  readonly idleTimeoutMs: number;
}

export type Fault =
  | { readonly kind: 'idle'; readonly ms: number }
  /** Nothing was answered. `code` is the system's: `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED` … */
  | { readonly kind: 'unreached'; readonly code: string; readonly message: string }
  /** The body broke off. */
  | { readonly kind: 'broken'; readonly message: string };

export interface Listener {
  opened(status: number, headers: IncomingHttpHeaders): void;
  /** Whole characters only. */
  text(chunk: string): void;
  ended(): void;
  failed(fault: Fault): void;
}

export interface Exchange {
  /** Drops the connection. */
  close(): void;
  /** The answer is whole: nothing more is read, and the connection may serve again. */
  release(): void;
  /** From now on another silence is the longest. */
  waitAtMost(ms: number): void;
}

export type Poster = (url: URL, post: Post, listener: Listener) => Exchange;

const isLoopback = (host: string): boolean => /^(localhost|127\.[\d.]+|\[::1\]|.*\.localhost)$/.test(host);

/** A poster keeps its connections alive; make one per server. */
export const createPoster = async (base: URL): Promise<Poster> => {
  const isSecure = base.protocol === 'https:';
  const { Agent, request } = isSecure ? await import('node:https') : await import('node:http');
  const agent = new Agent({
    keepAlive: true,
    scheduling: 'lifo',
    timeout: UNUSED_MS, // of connections in use it only says that they are silent, and nobody listens to that
    // A proxy of the environment is for the world outside, never for a model on this machine.
    ...(isLoopback(base.hostname) ? {} : { proxyEnv: process.env }),
  });

  return (url, { headers, body, idleTimeoutMs }, listener) => {
    let isOver = false;
    let isReleased = false;
    let patience = idleTimeoutMs;
    let response: IncomingMessage | null = null;

    const bytes = Buffer.from(body, 'utf8');
    const outgoing = request(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': bytes.length },
    });

    const over = (tell: () => void) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(idle);
      clearTimeout(connecting);
      tell();
    };
    const fail = (fault: Fault) => {
      over(() => listener.failed(fault));
      outgoing.destroy();
    };
    let idle = setTimeout(() => fail({ kind: 'idle', ms: patience }), patience);
    let connecting: NodeJS.Timeout | undefined;

    outgoing.on('socket', (socket) => {
      if (!socket.connecting || isOver) return;
      const message = `no connection within ${CONNECT_TIMEOUT_MS / 1000} s`;
      connecting = setTimeout(() => fail({ kind: 'unreached', code: 'ETIMEDOUT', message }), CONNECT_TIMEOUT_MS);
      socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const message = error.message === '' ? (error.code ?? 'unknown') : error.message;
      fail(
        response === null ? { kind: 'unreached', code: error.code ?? 'unknown', message } : { kind: 'broken', message },
      );
    });
    outgoing.on('response', (incoming) => {
      response = incoming;
      if (isOver) return void incoming.resume();
      idle.refresh();
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => {
        if (isOver || isReleased) return;
        idle.refresh();
        listener.text(chunk);
      });
      incoming.on('end', () => over(() => listener.ended()));
      incoming.on('error', (error) => fail({ kind: 'broken', message: error.message }));
      incoming.on('close', () => fail({ kind: 'broken', message: 'the connection was closed' }));
      listener.opened(incoming.statusCode ?? 0, incoming.headers);
    });
    outgoing.end(bytes);

    return {
      close: () => {
        over(() => {});
        outgoing.destroy();
      },
      release: () => {
        if (response === null || response.complete) return over(() => {});
        isReleased = true;
        over(() => {});
        outgoing.socket?.unref(); // a connection nobody waits for keeps no process alive
        setTimeout(() => outgoing.destroy(), RELEASE_MS).unref();
      },
      waitAtMost: (ms) => {
        if (isOver) return;
        patience = ms;
        clearTimeout(idle);
        idle = setTimeout(() => fail({ kind: 'idle', ms }), ms);
      },
    };
  };
};
