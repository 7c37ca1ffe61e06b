import { once } from 'node:events';
import { createServer as createHttp, request } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { isInner } from './addresses.ts';
import { createGate, type GateOptions } from './gate.ts';
import { MAX_REMEMBERED } from './limits.ts';

const endings: (() => void)[] = [];
afterEach(() => endings.splice(0).forEach((end) => end()));

const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;

/** A web server on loopback that tells what it was asked. */
const world = async () => {
  const seen: string[] = [];
  const server = createHttp((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.headers.host}${incoming.url} ${Object.keys(incoming.headers).join(' ')}`);
    response.end('x'.repeat(200_000));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => (server.closeAllConnections(), server.close()));
  return { port: portOf(server), seen };
};

const open = async (options: Partial<GateOptions>) => {
  const gate = createGate({ hosts: [], resolve: async () => ['127.0.0.1'], ...options });
  const server = createServer().listen(0, '127.0.0.1');
  gate.serve(server);
  await once(server, 'listening');
  endings.push(gate.close);
  return { gate, port: portOf(server) };
};

const get = async (proxy: number, url: string): Promise<readonly [status: number | undefined, body: string]> => {
  const asked = request({ port: proxy, host: '127.0.0.1', path: url, headers: { 'Proxy-Authorization': 'x' } }).end();
  const [answer] = await once(asked, 'response');
  return [answer.statusCode, await text(answer)];
};

const raw = async (proxy: number, words: string): Promise<Socket> => {
  const socket = connect(proxy, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(words);
  return socket;
};
const say = async (proxy: number, words: string) => text(await raw(proxy, words)).catch(() => '');

describe('R32: the gate of a command', () => {
  it('lets a listed host through, whole, and nothing of the proxy with it', async () => {
    const { port, seen } = await world();
    const { gate, port: proxy } = await open({ hosts: [`web.test:${port}`, `127.0.0.1:${port}`] });
    const [status, body] = await get(proxy, `http://web.test:${port}/a?b=c`);
    expect([status, body.length]).toEqual([200, 200_000]);
    expect(seen).toEqual([`GET web.test:${port}/a?b=c host connection`]);
    expect([gate.contacted(), gate.refused()]).toEqual([[`web.test:${port}`], []]);
  });

  it('refuses another host with a reason, and remembers which', async () => {
    const { gate, port } = await open({ hosts: ['web.test'] });
    const [status, body] = await get(port, 'http://other.test/');
    expect(status).toBe(403);
    expect(body).toContain('other.test:80: it is not in the list');
    expect(await say(port, 'CONNECT other.test:443 HTTP/1.1\r\nHost: web.test\r\n\r\n')).toMatch(/^HTTP\/1.1 403 /);
    expect(gate.refused()).toEqual(['other.test:80', 'other.test:443']);
  });

  it('refuses what a rule forbids: by name, on every port, and by the address to which a listed name leads', async () => {
    const { port, seen } = await world();
    const open_ = (except: readonly string[]) => open({ hosts: [`*.test:${port}`, `127.0.0.1:${port}`], except });
    for (const except of ['web.test', '*.test', `web.test:${port}`, '127.0.0.1', '0x7f.1']) {
      const { gate, port: proxy } = await open_([except]);
      const [status, body] = await get(proxy, `http://web.test:${port}/`);
      expect([status, body]).toEqual([403, `turnstile: web.test:${port}: a rule forbids it\n`]);
      expect([gate.refused(), gate.turnedAway()]).toEqual([[], [`web.test:${port}`]]); // nobody is asked
    }
    const { port: other } = await open_(['web.test:22', 'other.test', '*.web.test']);
    expect((await get(other, `http://web.test:${port}/`))[0]).toBe(200);
    expect(seen).toHaveLength(1);
  });

  it('reaches the machine itself by the entry that says so, whatever a resolver says, unless a rule forbids it', async () => {
    const { port } = await world();
    const options = { hosts: [`localhost:${port}`], resolve: async () => ['127.0.0.2'] };
    expect((await get((await open(options)).port, `http://localhost:${port}/`))[0]).toBe(200);
    const { port: barred } = await open({ ...options, except: ['127.0.0.1'] });
    expect((await get(barred, `http://localhost:${port}/`))[0]).toBe(403);
  });

  it('remembers only so many', async () => {
    const { gate, port } = await open({});
    for (let n = 0; n <= MAX_REMEMBERED; n += 1) await get(port, `http://n${n}.test/`);
    expect(gate.refused()).toHaveLength(MAX_REMEMBERED);
  });

  it('tunnels to a listed port and to no other', async () => {
    const { port, seen } = await world();
    const { port: proxy } = await open({ hosts: [`web.test:${port}`, `127.0.0.1:${port}`] });
    const words = `CONNECT web.test:${port} HTTP/1.1\r\nHost: x\r\n\r\nGET /t HTTP/1.1\r\nHost: in\r\nConnection: close\r\n\r\n`;
    const said = await say(proxy, words);
    expect(said).toMatch(/^HTTP\/1.1 200 Connected\r\n\r\nHTTP\/1.1 200 OK/);
    expect(said.length).toBeGreaterThan(200_000);
    expect(seen).toHaveLength(1);
    expect(await say(proxy, `CONNECT web.test:${port + 1} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1.1 403 /);
  });

  it('does not reach the machine itself by a listed name that leads there', async () => {
    const { port, seen } = await world();
    const { gate, port: proxy } = await open({ hosts: [`web.test:${port}`] });
    const [status, body] = await get(proxy, `http://web.test:${port}/`);
    expect([status, seen]).toEqual([403, []]);
    expect(body).toContain('leads to 127.0.0.1, which is not a public one');
    expect(gate.refused()).toEqual([]); // a yes would not help
    expect((await get(proxy, `http://127.0.0.1:${port}/`))[0]).toBe(403);
    expect((await get(proxy, `http://0x7f.1:${port}/`))[0]).toBe(403);
    expect((await get(proxy, `http://[::1]:${port}/`))[0]).toBe(403);
  });

  it.each(
    '0.0.0.0 10.1.1.1 127.9.9.9 169.254.169.254 172.31.0.1 192.168.0.1 100.64.0.1 255.255.255.255 ::1 :: ::ffff:127.0.0.1 fe80::1 fd00::1 fec0::1 64:ff9b::7f00:1 2002:7f00:1:: 192.0.0.1 198.18.0.1 64:ff9b:1::1 2001::1 ff02::1 no'.split(
      ' ',
    ),
  )('%s is not public', (address) => expect(isInner(address)).toBe(true));
  it.each(['1.1.1.1', '172.32.0.1', '2606:4700::1', '::ffff:1.1.1.1'])('%s is', (address) =>
    expect(isInner(address)).toBe(false),
  );

  it('takes the host from the request and not from a head that says otherwise', async () => {
    const { port, seen } = await world();
    const { port: proxy } = await open({ hosts: [`web.test:${port}`, `127.0.0.1:${port}`] });
    const line = `GET http://web.test:${port}/ HTTP/1.1\r\nHost: other.test\r\nConnection: close, X-Secret\r\nX-Secret: 1\r\n\r\n`;
    expect(await say(proxy, line)).toMatch(/^HTTP\/1.1 200 /);
    expect(seen).toEqual([`GET web.test:${port}/ host connection`]);
  });

  it.each([
    ['two lengths', 'POST http://web.test/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'POST http://web.test/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a bare line end', 'GET http://web.test/ HTTP/1.1\nHost: a\nX: y\rz\n\n'],
    ['a huge head', `GET http://web.test/ HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`],
    ['no proxy request', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['another scheme', 'GET ftp://web.test/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['a user in the address', 'GET http://web.test@other.test/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['a password in the address', 'GET http://:x@web.test/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
    ['noise', '\0\x01\x02\r\n\r\n'],
  ])('resolves nothing for %s', async (_, words) => {
    const asked: string[] = [];
    const resolve = async (name: string) => (asked.push(name), []);
    const { port } = await open({ hosts: ['web.test'], resolve });
    expect(await say(port, words)).toMatch(/^(HTTP\/1.1 400 |$)/);
    expect(asked).toEqual([]);
  });

  it('cuts off who does not finish a head', async () => {
    const { port } = await open({ headMs: 50 });
    expect(await say(port, 'GET http://web')).not.toContain('200');
  });

  it('cuts off who is silent, and who takes too much', async () => {
    const { port } = await world();
    const hosts = [`web.test:${port}`, `127.0.0.1:${port}`];
    const silent = await open({ hosts, idleMs: 50 });
    expect(await say(silent.port, `CONNECT web.test:${port} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/200 Connected/);
    const greedy = await open({ hosts, maxBytes: 1_000 });
    const words = `CONNECT web.test:${port} HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: in\r\n\r\n`;
    expect((await say(greedy.port, words)).length).toBeLessThan(200_000);
  });

  it('serves a hundred at once, and no more than it may', async () => {
    const { port } = await world();
    const hosts = [`web.test:${port}`, `127.0.0.1:${port}`];
    const wide = await open({ hosts });
    const all = await Promise.all(Array.from({ length: 100 }, () => get(wide.port, `http://web.test:${port}/`)));
    expect(all.every(([status, body]) => status === 200 && body.length === 200_000)).toBe(true);
    const narrow = await open({ hosts, maxConnections: 1 });
    const first = await raw(narrow.port, 'GET http://');
    const second = await raw(narrow.port, 'GET http://');
    expect(await say(narrow.port, 'GET http://')).toBe('');
    first.destroy();
    second.destroy();
  });

  it('is gone when it is closed, in the middle of a stream', async () => {
    const held = createServer((socket) => void socket.on('error', () => {}).write('begun')).listen(0, '127.0.0.1');
    await once(held, 'listening');
    endings.push(() => held.close());
    const port = portOf(held);
    const { gate, port: proxy } = await open({ hosts: [`127.0.0.1:${port}`] });
    const far = once(held, 'connection');
    const near = await raw(proxy, `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const [theirs] = (await far) as [Socket];
    const closed = [near, theirs].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    theirs.on('error', () => {});
    theirs.resume();
    near.resume();
    gate.close();
    await Promise.all(closed);
    const late = connect(proxy, '127.0.0.1');
    expect(await once(late, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }]);
  });
});
