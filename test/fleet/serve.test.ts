/** `turnstile serve` on files: who may ask, what is kept, and how a stream goes on. R36 */
import { connect } from 'node:net';
import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isTurnEnding, type RuntimeEvent, type Stamped } from '../../machines/protocol/index.ts';
import { clientOf, framesIn, start, TOKEN, type Program } from './programs.ts';

const home = mkdtempSync(join(process.env['TURNSTILE_TEST_ROOT'] ?? tmpdir(), 'serve-'));
const work = join(realpathSync(home), 'work');
mkdirSync(join(work, 'below'), { recursive: true });
const env = { HOME: home, TURNSTILE_HOME: join(home, 'home'), TURNSTILE_IDLE_MS: '400' };
const held: { server: Program | null } = { server: null };
const address = () => held.server?.line ?? '';
const client = clientOf(address);
const serve = async () => {
  held.server = await start(['serve', '-s', 'workspace-write'], env, work);
};

beforeAll(serve, 60_000);
afterAll(async () => held.server?.end('SIGTERM'));

const say = (id: string, text: string) => ({ type: 'op.say', id, text }) as const;
/** Facts from a position on, up to the end of a turn. */
const turnOf = async (id: string, from: number): Promise<readonly Stamped<RuntimeEvent>[]> => {
  const facts: Stamped<RuntimeEvent>[] = [];
  for await (const fact of client.follow(id, from, AbortSignal.timeout(60_000))) {
    facts.push(fact);
    if (isTurnEnding(fact)) return facts;
  }
  throw new Error('the turn did not end');
};
const raw = (headers: Record<string, string>, path = '/v1/sessions/none') =>
  new Promise<string>((resolve, reject) => {
    const { hostname, port } = new URL(address());
    const socket = connect(Number(port), hostname);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}connection: close\r\n\r\n`);
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('end', () => resolve(text.split(' ')[1] ?? ''));
    socket.on('error', reject);
  });

describe('a server', () => {
  it('answers who has the token, by our name, and no page', async () => {
    const host = new URL(address()).host;
    const authorization = `Bearer ${TOKEN}`;
    expect(await raw({ host, authorization })).toBe('404');
    expect(await raw({ host })).toBe('401');
    expect(await raw({ host, authorization: 'Bearer wrong' })).toBe('401');
    expect(await raw({ host: 'evil.example', authorization })).toBe('421');
    expect(await raw({ host, authorization, origin: 'http://evil.example' })).toBe('403');
    expect(await raw({ host, authorization, 'sec-fetch-site': 'cross-site' })).toBe('403');
    expect(await raw({ host }, '/healthz')).toBe('200');
    expect(await raw({ host }, '/readyz')).toBe('200');
    expect(await raw({ host }, '/openapi.json')).toBe('401');
  });

  it('describes what it checks', async () => {
    const document = (await (await client.get('/openapi.json')).json()) as { paths: Record<string, object> };
    expect(Object.keys(document.paths)).toContain('/v1/sessions/{id}/ops');
    expect(JSON.stringify(document)).toContain('op.interrupt');
    expect(await (await client.get('/metrics')).text()).toMatch(/^turnstile_sessions_held \d+$/m);
  });

  it('lets sessions work where it does, and nowhere else', async () => {
    await client.create('below', { spec: { cwd: join(work, 'below') } });
    await expect(client.create('above', { spec: { cwd: home } })).rejects.toThrow(/400: .*spec\.cwd/);
    await expect(client.create('escape', { spec: { cwd: `${work}/below/../..` } })).rejects.toThrow(/spec\.cwd/);
    await expect(client.create('../x')).rejects.toThrow(/400/);
    await expect(client.ask('nobody', say('a', 'x'))).rejects.toThrow(/404/);
  });

  it('keeps an op once, answers it again, and tells a turn from any position on', async () => {
    await client.create('s');
    const first = await client.ask('s', say('op1', 'run echo once >> ran; cat ran'));
    expect(first).toMatchObject({ kind: 'accepted', opId: 'op1' });
    const facts = await turnOf('s', 0);
    expect(await client.ask('s', say('op1', 'run echo twice >> ran'))).toEqual(first);
    expect(facts.find((fact) => fact.type === 'call.finished')).toMatchObject({
      output: expect.stringContaining('once'),
    });
    const middle = facts[3]?.seq ?? 0;
    expect(await turnOf('s', middle)).toEqual(facts.slice(3));
    const again = await client.get('/v1/sessions/s/events', { 'last-event-id': String(middle) });
    const reader = again.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (framesIn(text).facts.length === 0) text += (await reader?.read())?.value ?? '';
    await reader?.cancel();
    expect(framesIn(text).facts[0]?.seq).toBe(facts[4]?.seq);
  });

  it('goes on after its end: what was kept is done, what was said is still there', async () => {
    await client.create('longer');
    await client.ask('longer', say('a', 'run echo first'));
    const before = await turnOf('longer', 0);
    await held.server?.end('SIGKILL');
    await serve();
    expect(await client.ask('longer', say('a', 'run echo first'))).toMatchObject({ kind: 'accepted' });
    await client.ask('longer', say('b', 'run echo second'));
    const after = await turnOf('longer', (before.at(-1)?.seq ?? 0) + 1);
    expect(after.filter((fact) => fact.type === 'op.accepted').map(({ opId }) => opId)).toEqual(['b']);
    expect((await turnOf('longer', 0)).map(({ seq }) => seq)).toEqual(before.map(({ seq }) => seq));
  });

  it('lets an idle session sleep, writes what every other command reads, and wakes it with the next op', async () => {
    await client.create('sleeper');
    await client.ask('sleeper', say('a', 'run echo first'));
    const facts = await turnOf('sleeper', 0);
    const asleep = async () =>
      ((await (await client.get('/v1/sessions/sleeper')).json()) as { owner: string | null }).owner === null;
    while (!(await asleep())) await new Promise((resolve) => setTimeout(resolve, 50));
    const program = join(import.meta.dirname, '..', '..', 'cli', 'turnstile.mjs');
    const replayed = execFileSync(process.execPath, [program, 'replay', 'sleeper'], {
      env: { ...process.env, ...env },
    });
    expect(replayed.toString()).toMatch(/^identical/);
    await client.ask('sleeper', say('b', 'run echo second'));
    expect(await turnOf('sleeper', (facts.at(-1)?.seq ?? 0) + 1)).not.toHaveLength(0);
    const journal = await (await client.get('/v1/sessions/sleeper/journal')).text();
    expect(journal.split('\n')[0]).toContain('"kind":"session"');
  });

  it('runs `exec --remote`, which exits as it would here', async () => {
    const exec = (...args: string[]) =>
      start(['exec', '--remote', address(), ...args], { ...env, TURNSTILE_HOME: join(home, 'client') }, work);
    const first = await exec('--json', 'run echo far away');
    const { thread_id: id } = JSON.parse(first.line) as { thread_id: string };
    expect(await first.ended).toBe(0);
    const second = await exec('resume', id, 'count to 3');
    expect(await second.ended).toBe(0);
    expect(second.line).toContain('1');
  });
}, 90_000);
