import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { pageOf } from './page-template.ts';
import {
  CODE_LIFETIME_MS,
  MAX_BODY_BYTES,
  serveInspector,
  type News,
  type Rights,
  type ServerOptions,
} from './server.ts';
import type { Story } from './story.ts';

const STORY: Story = { v: 1, title: 'x', head: {}, verdict: { kind: 'identical' }, charts: [], actors: [], rows: [] };
const time = { now: 0 };

const start = async (more: Partial<ServerOptions> = {}) => {
  const server = await serveInspector({
    page: pageOf('1', 'a{}'),
    port: 0,
    now: () => time.now,
    story: () => STORY,
    follow: () => () => {},
    control: null,
    ...more,
  });
  onTestFinished(() => server.close());
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    new Promise<{ status: number; body: string; headers: Record<string, unknown> }>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: server.port, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }));
      });
      asked.on('error', reject);
      asked.end(body);
    });
  const json = { 'content-type': 'application/json' };
  const trade = (address: string) => ask('POST', '/api/session', json, JSON.stringify({ code: address.split('#')[1] }));
  const login = async (rights: Rights = 'look') => ({
    authorization: `Bearer ${String(JSON.parse((await trade(server.address(rights))).body).bearer)}`,
  });
  return { server, ask, trade, login, json };
};

describe('who may ask', () => {
  test('a Host that is not ours is refused (DNS rebinding), a foreign Origin too, and what another site sent', async () => {
    const { ask, server } = await start();
    expect((await ask('GET', '/', { host: 'evil.example' })).status).toBe(421);
    expect((await ask('GET', '/', { host: `evil.example:${server.port}` })).status).toBe(421);
    expect((await ask('GET', '/api/story', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask('GET', '/api/story', { origin: 'null' })).status).toBe(403);
    expect((await ask('GET', '/api/story', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await ask('POST', '/api/session', { 'content-type': 'text/plain' }, '{}')).status).toBe(415);
  });

  test('the code works once and not for long; without a bearer there is nothing but the empty page', async () => {
    const { ask, server, trade, login } = await start();
    expect((await ask('GET', '/api/story')).status).toBe(401);
    const address = server.address();
    expect((await trade(address)).status).toBe(200);
    expect((await trade(address)).status).toBe(401);
    const late = server.address();
    time.now += CODE_LIFETIME_MS + 1;
    expect((await trade(late)).status).toBe(401);
    expect(JSON.parse((await ask('GET', '/api/story', await login())).body)).toMatchObject({ title: 'x' });
  });

  test('it only looks, unless it was allowed to act; a long body is not read', async () => {
    const viewer = await start();
    const asked = await viewer.ask('POST', '/api/command', { ...(await viewer.login()), ...viewer.json }, '{}');
    expect(asked.status).toBe(403);
    const seen: unknown[] = [];
    const command = async (op: unknown) => (seen.push(op), { kind: 'accepted' });
    const actor = await start({ control: { possible: null, command, fork: null } });
    const headers = { ...(await actor.login('act')), ...actor.json };
    const looking = { ...(await actor.login('look')), ...actor.json };
    expect((await actor.ask('POST', '/api/command', looking, '{"type":"op.interrupt"}')).status).toBe(403);
    expect((await actor.ask('POST', '/api/command', headers, '{"type":"op.interrupt"}')).status).toBe(200);
    expect((await actor.ask('POST', '/api/command', headers, `"${'x'.repeat(MAX_BODY_BYTES)}"`)).status).toBe(400);
    expect(seen).toEqual([{ type: 'op.interrupt' }]);
  });

  test('no header opens it to others: no CORS, a policy by hashes alone, never framed', async () => {
    const { ask } = await start();
    const { headers } = await ask('GET', '/', {});
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(
      /default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'/,
    );
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
  });

  test('it listens on 127.0.0.1 and nowhere else', async () => {
    const { server } = await start();
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of others) {
      const reached = await new Promise((resolve) => {
        const socket = connect(server.port, address, () => resolve('reached'));
        socket.on('error', () => resolve('refused'));
      });
      expect(reached).toBe('refused');
    }
  });

  test('an upgrade is dropped: there is no WebSocket that a foreign page could open', async () => {
    const { server } = await start();
    const said = await new Promise<string>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () =>
        socket.write(
          `GET /api/follow HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
            'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
        ),
      );
      let text = '';
      socket.on('data', (chunk) => (text += String(chunk)));
      socket.on('error', () => {}); // it may be reset
      socket.on('close', () => resolve(text));
    });
    expect(said).not.toContain('101');
  });
});

describe('a page that follows', () => {
  const NEWS: News = { from: 0, rows: [], actors: [], verdict: { kind: 'identical' }, messages: [] };
  const open = async (more: Partial<ServerOptions>, query = '') => {
    const { server, login } = await start(more);
    const headers = await login();
    return new Promise<IncomingMessage>((resolve) => {
      request({ host: '127.0.0.1', port: server.port, path: `/api/follow${query}`, headers }, resolve).end();
    });
  };

  test('says from which row on it wants to know', async () => {
    const asked: (number | null)[] = [];
    const follow = (onNews: (news: News) => void, since: number | null) => {
      asked.push(since);
      onNews({ ...NEWS, from: since ?? 0 });
      return () => {};
    };
    const response = await open({ follow }, '?since=41');
    const [line] = await once(response, 'data');
    expect(JSON.parse(String(line))).toMatchObject({ from: 41 });
    response.destroy();
    (await open({ follow }, '?since=-1')).destroy();
    expect(asked).toEqual([41, null]);
  });

  test('is dropped if it does not read, and nobody goes on telling it', async () => {
    const stopped = Promise.withResolvers<void>();
    const title = 'x'.repeat(1024 * 1024);
    const response = await open({
      follow: (onNews) => {
        const timer = setInterval(() => onNews({ ...NEWS, title }), 1);
        return () => {
          clearInterval(timer);
          stopped.resolve();
        };
      },
    });
    response.on('error', () => {});
    response.pause();
    await stopped.promise;
  });
});
