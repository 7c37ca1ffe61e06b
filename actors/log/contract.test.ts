/** What every log promises, whatever it is made of. R36 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../../test/fleet/postgres.ts';
import { openFilesLog } from './files.log.ts';
import { openPostgresLog } from './postgres.log.ts';
import type { Acquired, Batch, Lease, SessionLog, Wake } from './port.ts';

interface Opened {
  readonly log: SessionLog;
  readonly done: () => Promise<void>;
}
const database: { running: TestPostgres | null } = { running: null };
const FOREVER_MS = 600_000;

const files = async (): Promise<Opened> => {
  const home = mkdtempSync(join(tmpdir(), 'turnstile-log-'));
  const log = openFilesLog({ home, now: Date.now });
  const done = async () => {
    await log[Symbol.asyncDispose]();
    rmSync(home, { recursive: true });
  };
  return { log, done };
};
const postgres = async (): Promise<Opened | null> => {
  if (database.running === null) return null;
  const log = await openPostgresLog({ url: database.running.database() });
  return { log, done: async () => log[Symbol.asyncDispose]() };
};

beforeAll(async () => {
  database.running = await startPostgres();
}, 60_000);
afterAll(async () => database.running?.[Symbol.asyncDispose]());

const held = (acquired: Acquired): Lease => {
  if (acquired.kind !== 'held') throw new Error(`not held: ${JSON.stringify(acquired)}`);
  return acquired.lease;
};
const batch = (lease: Lease, lines: readonly string[], more: Partial<Batch> = {}): Batch => ({
  ...{ id: lease.id, epoch: lease.epoch, after: lease.head, lines, took: [], lasts: false },
  ...more,
});
const kinds = (values: readonly { readonly kind: string }[]) => values.map(({ kind }) => kind);

/** What JSON may hold, and what a database may be tempted to change. */
const ODD = [
  '{"b":1,"a":2, "b":3}',
  '{"text":"\\u0000 \\ud800 é 🎡 \'\' \\\\ $1"}',
  `{"long":"${'x'.repeat(70_000)}"}`,
  '{ }',
];

describe.each([
  { name: 'files', open: files },
  { name: 'PostgreSQL', open: postgres },
])('a log in $name', ({ open }) => {
  const promise = (what: string, check: (log: SessionLog, id: string, owner: string) => Promise<void>) =>
    it(what, async ({ skip }) => {
      const opened = await open();
      if (opened === null) return skip('there is no PostgreSQL here');
      try {
        const [id, owner] = [randomUUID(), `worker-${randomUUID()}`];
        await opened.log.renew(owner, FOREVER_MS);
        expect(await opened.log.create({ id, tenant: 't', spec: '{"cwd":"/"}' })).toBe('created');
        await check(opened.log, id, owner);
      } finally {
        await opened.done();
      }
    });

  promise('gives each line back byte by byte, by position', async (log, id, owner) => {
    const lease = held(await log.acquire(owner, id));
    expect(lease).toMatchObject({ id, owner, head: -1, tenant: 't', spec: '{"cwd":"/"}' });
    expect(kinds(await log.append(owner, [batch(lease, ODD)]))).toEqual(['appended']);
    expect(await log.read(id, 0, 10)).toEqual(ODD.map((text, position) => ({ position, text })));
    expect(await log.read(id, 1, 2)).toEqual(ODD.slice(1, 3).map((text, at) => ({ position: at + 1, text })));
    expect(await log.read(id, 4, 10)).toEqual([]);
    expect(await log.describe(id)).toMatchObject({ id, head: 3, owner, waiting: 0 });
  });

  promise('has one owner at a time, and fences the former one', async (log, id, owner) => {
    const first = held(await log.acquire(owner, id));
    const other = `worker-${randomUUID()}`;
    await log.renew(other, FOREVER_MS);
    expect(await log.acquire(other, id)).toMatchObject({ kind: 'heldBy' });
    await log.append(owner, [batch(first, ['{"n":0}'])]);
    const second = held(await log.acquire(other, id, 'always'));
    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect(second.head).toBe(0);
    expect(kinds(await log.append(owner, [batch(first, ['{"n":"late"}'], { after: 0 })]))).toEqual(['fenced']);
    expect(kinds(await log.append(other, [batch(second, ['{"n":1}'])]))).toEqual(['appended']);
    expect((await log.read(id, 0, 10)).map(({ text }) => text)).toEqual(['{"n":0}', '{"n":1}']);
  });

  promise('tells an earlier attempt that got through from a fence, and writes it once', async (log, id, owner) => {
    const lease = held(await log.acquire(owner, id));
    const same = batch(lease, ['{"n":0}', '{"n":1}']);
    await log.append(owner, [same]);
    expect(await log.append(owner, [same])).toEqual([{ kind: 'elsewhere', head: 1 }]);
    expect(await log.read(id, 0, 10)).toHaveLength(2);
  });

  promise('appends to many sessions at once, each by its own right', async (log, id, owner) => {
    const others = [randomUUID(), randomUUID()] as const;
    for (const other of others) await log.create({ id: other, tenant: 't', spec: '{}' });
    const lease = held(await log.acquire(owner, id));
    const lost = held(await log.acquire(owner, others[0]));
    await log.release(lost);
    const third = held(await log.acquire(owner, others[1]));
    const answers = await log.append(owner, [
      batch(lease, ['{"a":1}']),
      batch(lost, ['{"b":1}']),
      batch(third, ['{"c":1}']),
    ]);
    expect(kinds(answers)).toEqual(['appended', 'fenced', 'appended']);
    expect(await log.read(others[0], 0, 10)).toEqual([]);
    expect(await log.read(others[1], 0, 10)).toHaveLength(1);
  });

  promise('keeps what is put, once a key and in order, until a commit has taken it', async (log, id, owner) => {
    expect(await log.put(id, { key: 'a', body: '{"op":"a\\u0000"}' })).toBe('put');
    expect(await log.put(id, { key: 'b', body: '{"op":"b"}' })).toBe('put');
    expect(await log.put(id, { key: 'a', body: '{"op":"again"}' })).toBe('known');
    expect(await log.put(randomUUID(), { key: 'a', body: '{}' })).toBe('absent');
    const lease = held(await log.acquire(owner, id));
    const [a, b] = await log.take(lease, 10);
    expect([a?.body, b?.body]).toEqual(['{"op":"a\\u0000"}', '{"op":"b"}']);
    expect(await log.take(lease, 10)).toHaveLength(2); // looking is not taking
    expect(await log.waiting(owner)).toEqual([id]);
    await log.append(owner, [batch(lease, ['{"did":"a"}'], { took: [a?.position ?? 0] })]);
    expect((await log.take(lease, 10)).map(({ key }) => key)).toEqual(['b']);
    const [, left] = [null, b];
    await log.append(owner, [batch({ ...lease, head: 0 }, [], { took: [left?.position ?? 0] })]);
    expect(await log.waiting(owner)).toEqual([]);
    expect(await log.put(id, { key: 'a', body: '{"op":"again"}' })).toBe('known');
  });

  promise('takes nothing from the inbox with a commit that is fenced', async (log, id, owner) => {
    await log.put(id, { key: 'a', body: '{}' });
    const lease = held(await log.acquire(owner, id));
    const [message] = await log.take(lease, 10);
    await log.release(lease);
    await log.append(owner, [batch(lease, ['{}'], { took: [message?.position ?? 0] })]);
    expect(await log.take(lease, 10)).toHaveLength(1);
  });

  promise('claims those for whom words wait, and lets tenants take turns', async (log, id, owner) => {
    const greedy = Array.from({ length: 4 }, () => randomUUID());
    for (const session of greedy) await log.create({ id: session, tenant: `greedy ${id}`, spec: '{}' });
    expect(await log.claim(owner, { max: 10, perTenant: 10 })).toEqual([]);
    for (const session of [...greedy, id]) await log.put(session, { key: 'a', body: '{}' });
    const first = await log.claim(owner, { max: 2, perTenant: 3 });
    expect(new Set(first.map(({ tenant }) => tenant))).toEqual(new Set(['t', `greedy ${id}`]));
    expect(await log.claim(owner, { max: 10, perTenant: 3 })).toHaveLength(2);
    expect(await log.claim(owner, { max: 10, perTenant: 3 })).toEqual([]); // the fourth of one tenant waits
    await log.release(first.find(({ tenant }) => tenant !== 't') ?? held({ kind: 'absent' }));
    expect(await log.claim(owner, { max: 10, perTenant: 3 })).toHaveLength(1);
  });

  promise('wakes whoever listens, of the inbox and of the log', async (log, id, owner) => {
    const heard: Wake[] = [];
    const stop = log.subscribe((wake) => heard.push(wake));
    const until = async (kind: Wake['kind'], act: () => Promise<unknown>) => {
      const known = () => heard.some((wake) => wake.kind === kind && wake.id === id);
      // A wake-up may be lost while the listener is still coming up: then there is another.
      for (; !known(); await new Promise((resolve) => setTimeout(resolve, 20))) await act();
    };
    await until('inbox', () => log.put(id, { key: randomUUID(), body: '{}' }));
    const at = { lease: held(await log.acquire(owner, id)) };
    await until('log', async () => {
      await log.append(owner, [batch(at.lease, ['{}'])]);
      at.lease = { ...at.lease, head: at.lease.head + 1 };
    });
    stop();
  });
});

describe('a log in PostgreSQL, besides', () => {
  const opened = async (skip: (why: string) => never) => (await postgres()) ?? skip('there is no PostgreSQL here');

  it('gives the sessions of an owner that stopped to renew to others, and tells it what it lost', async ({ skip }) => {
    const { log, done } = await opened(skip);
    const [id, kept, slow, other] = [randomUUID(), randomUUID(), `slow-${randomUUID()}`, `other-${randomUUID()}`];
    expect(await log.renew(slow, 1)).toMatchObject({ kind: 'late', held: [] });
    await log.renew(other, FOREVER_MS);
    for (const session of [id, kept]) await log.create({ id: session, tenant: id, spec: '{}' });
    const mine = held(await log.acquire(slow, id));
    const also = held(await log.acquire(slow, kept));
    const claimed: Lease[] = [];
    while (claimed.length === 0) claimed.push(...(await log.claim(other, { max: 1, perTenant: 9 })));
    const lost = claimed[0]?.id === id ? mine : also;
    const left = lost === mine ? also : mine;
    expect(await log.renew(slow, FOREVER_MS)).toEqual({ kind: 'late', held: [{ id: left.id, epoch: left.epoch }] });
    expect(kinds(await log.append(slow, [batch(lost, ['{}']), batch(left, ['{}'])]))).toEqual(['fenced', 'appended']);
    expect(await log.renew(slow, FOREVER_MS)).toEqual({ kind: 'kept' });
    expect(await log.claim(other, { max: 9, perTenant: 9 })).toEqual([]);
    await done();
  });

  it('lets one of many have a session', async ({ skip }) => {
    const { log, done } = await opened(skip);
    const id = randomUUID();
    await log.create({ id, tenant: id, spec: '{}' });
    await log.put(id, { key: 'a', body: '{}' });
    const owners = Array.from({ length: 8 }, () => `many-${randomUUID()}`);
    for (const owner of owners) await log.renew(owner, FOREVER_MS);
    const claims = await Promise.all(owners.map((owner) => log.claim(owner, { max: 9, perTenant: 9 })));
    expect(claims.flat()).toHaveLength(1);
    await done();
  });

  it('brings its tables up to date once, whoever comes first', async ({ skip }) => {
    const url = database.running?.database() ?? skip('there is no PostgreSQL here');
    const logs = await Promise.all(Array.from({ length: 4 }, () => openPostgresLog({ url })));
    for (const log of logs) await log[Symbol.asyncDispose]();
    expect(database.running?.sql(url, 'SELECT count(*) FROM turnstile.migration')).toBe('1');
  });
});
