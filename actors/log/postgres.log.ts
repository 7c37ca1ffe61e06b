/**
 * A log in PostgreSQL. The only file that imports `pg`, and loaded only where such a log is asked for.
 *
 * Lines are `text`, so they come back byte by byte. Whether we may append is decided in the statement that appends. Owners
 * change under one advisory lock, so of two that want a session one gets it; an owner that renews too late finds out there
 * what is still its own. Time is the server's. Notifications only wake: nothing is in them that is not in the tables.
 */
import pg from 'pg';
import { CONNECT_MS, MAX_WAITING_MESSAGES, POOL_CONNECTIONS, STATEMENT_MS } from './limits.ts';
import type { Acquired, Appended, Batch, Lease, Renewed, SessionLog } from './port.ts';
import { createWaker } from './postgres.wake.ts';
import { ANYTHING_WANTING, APPEND, CLAIM, MIGRATIONS, MIGRATION_LOCK, OWNERSHIP_LOCK } from './postgres.schema.ts';

type Rows = readonly Readonly<Record<string, unknown>>[];
interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: Rows; readonly rowCount: number | null }>;
}

export interface PostgresOptions {
  readonly url: string;
  readonly connections?: number;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const leaseOf = (row: Readonly<Record<string, unknown>>): Lease => ({
  id: text(row['id']),
  owner: text(row['owner']),
  epoch: Number(row['epoch']),
  head: Number(row['head']),
  tenant: text(row['tenant']),
  spec: text(row['spec']),
});

/** The ten columns of an append: of sessions, of lines, and of messages that were taken. */
const columnsOf = (batches: readonly Batch[]): readonly unknown[][] => {
  const lines = batches.flatMap((b) => b.lines.map((line, at) => ({ id: b.id, position: b.after + 1 + at, line })));
  const took = batches.flatMap((b) => b.took.map((position) => ({ id: b.id, position })));
  return [
    ...[batches.map(({ id }) => id), batches.map(({ epoch }) => epoch)],
    ...[batches.map(({ after }) => after), batches.map((b) => b.after + b.lines.length)],
    ...[lines.map(({ id }) => id), lines.map(({ position }) => position), lines.map(({ line }) => line)],
    ...[took.map(({ id }) => id), took.map(({ position }) => position)],
  ];
};

/** The statement itself is wrong, or what is in it: trying again would change nothing. */
const isHopeless = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && /^(?:21|22|23|42|54)/.test(String(error.code));

/** Long values stay in their lines: PostgreSQL stores them apart by itself, and compresses them. */
const noBlobs = { get: () => null, put: () => null, sync: () => undefined };

const migrate = async (client: Queryable): Promise<void> => {
  await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  await client.query('CREATE SCHEMA IF NOT EXISTS turnstile');
  await client.query(
    'CREATE TABLE IF NOT EXISTS turnstile.migration (version int PRIMARY KEY, at timestamptz DEFAULT now())',
  );
  const { rows } = await client.query('SELECT coalesce(max(version), 0) AS version FROM turnstile.migration');
  const version = Number(rows[0]?.['version']);
  if (version > MIGRATIONS.length)
    throw new Error(
      `the log was written by a newer version (its tables are at step ${version}, we know ${MIGRATIONS.length})`,
    );
  for (const [at, step] of MIGRATIONS.entries()) {
    if (at < version) continue;
    await client.query(step);
    await client.query('INSERT INTO turnstile.migration (version) VALUES ($1)', [at + 1]);
  }
};

export const openPostgresLog = async ({
  url,
  connections = POOL_CONNECTIONS,
}: PostgresOptions): Promise<SessionLog> => {
  const options = {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    application_name: 'turnstile',
    keepAlive: true,
  };
  const pool = new pg.Pool({ ...options, max: connections, idleTimeoutMillis: 30_000 });
  pool.on('error', ignore); // an idle connection was cut; the next query makes another
  // A heartbeat does not stand in line behind what it keeps alive.
  const beat = new pg.Pool({ ...options, max: 1, idleTimeoutMillis: 0 });
  beat.on('error', ignore);
  const ask = async (query: string, values: unknown[] = []): Promise<Rows> => (await pool.query(query, values)).rows;

  const transaction = async <T>(work: (client: Queryable) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    client.on('error', ignore);
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      client.off('error', ignore);
      client.release();
      return result;
    } catch (error) {
      client.release(true); // closed, and so rolled back
      throw error;
    }
  };
  const owning = <T>(work: (client: Queryable) => Promise<T>): Promise<T> =>
    transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [OWNERSHIP_LOCK]);
      return work(client);
    });
  const bury = (client: Queryable) => client.query('DELETE FROM turnstile.worker WHERE until < clock_timestamp()');

  try {
    await transaction(migrate);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const waker = createWaker({
    connect: () => new pg.Client(options),
    say: (words) => ask('SELECT pg_notify($1, $2)', ['turnstile', words]),
  });

  const renewLate = (owner: string, ttlMs: number): Promise<Renewed> =>
    owning(async (client) => {
      await bury(client);
      await client.query(
        `INSERT INTO turnstile.worker (id, until) VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond')
         ON CONFLICT (id) DO UPDATE SET until = excluded.until`,
        [owner, ttlMs],
      );
      const { rows } = await client.query('SELECT id, epoch FROM turnstile.session WHERE owner = $1', [owner]);
      return { kind: 'late', held: rows.map((row) => ({ id: text(row['id']), epoch: Number(row['epoch']) })) };
    });

  const acquire = (owner: string, id: string, takeOver: 'never' | 'always' = 'never'): Promise<Acquired> =>
    owning(async (client): Promise<Acquired> => {
      await bury(client);
      const { rows } = await client.query(
        `UPDATE turnstile.session s SET owner = $2, epoch = epoch + 1 WHERE id = $1
           AND ($3 OR owner IS NULL OR NOT EXISTS (SELECT 1 FROM turnstile.worker w WHERE w.id = s.owner))
         RETURNING id, owner, epoch, head, tenant, spec`,
        [id, owner, takeOver === 'always'],
      );
      if (rows[0] !== undefined) return { kind: 'held', lease: leaseOf(rows[0]) };
      const known = await client.query('SELECT owner FROM turnstile.session WHERE id = $1', [id]);
      return known.rows[0] === undefined ? { kind: 'absent' } : { kind: 'heldBy', owner: text(known.rows[0]['owner']) };
    });

  /** Those that were not written: fenced, or was it an earlier attempt of ours that got through? */
  const whyNot = async (owner: string, missed: readonly Batch[]): Promise<Map<string, Appended>> => {
    const rows = await ask('SELECT id, epoch, head FROM turnstile.session WHERE owner = $1 AND id = ANY($2)', [
      owner,
      missed.map(({ id }) => id),
    ]);
    const heads = new Map(rows.map((row) => [`${text(row['id'])} ${Number(row['epoch'])}`, Number(row['head'])]));
    return new Map(
      missed.map(({ id, epoch }): [string, Appended] => {
        const head = heads.get(`${id} ${epoch}`);
        return [id, head === undefined ? { kind: 'fenced' } : { kind: 'elsewhere', head }];
      }),
    );
  };

  const write = async (owner: string, batches: readonly Batch[]): Promise<readonly Appended[]> => {
    const rows = await ask(APPEND, [owner, ...columnsOf(batches)]);
    const written = new Set(rows.map((row) => text(row['id'])));
    for (const id of written) waker.wake({ kind: 'log', id });
    const missed = batches.filter(({ id }) => !written.has(id));
    const why = missed.length === 0 ? new Map<string, Appended>() : await whyNot(owner, missed);
    return batches.map(({ id }): Appended => why.get(id) ?? { kind: 'appended' });
  };
  /** A line that the database will never take spoils its own session only. */
  const append = async (owner: string, batches: readonly Batch[]): Promise<readonly Appended[]> => {
    try {
      return await write(owner, batches);
    } catch (error) {
      if (!isHopeless(error)) throw error;
      if (batches.length === 1) return [{ kind: 'refused', why: error.message }];
      const answers: Appended[] = [];
      for (const batch of batches) answers.push(...(await append(owner, [batch])));
      return answers;
    }
  };

  return {
    blobs: noBlobs,
    create: async ({ id, tenant, spec }) => {
      const insert =
        'INSERT INTO turnstile.session (id, tenant, spec) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id';
      return (await ask(insert, [id, tenant, spec])).length === 1 ? 'created' : 'known';
    },
    describe: async (id) => {
      const [row] = await ask(
        `SELECT id, tenant, spec, head, (SELECT w.id FROM turnstile.worker w WHERE w.id = s.owner AND w.until >= clock_timestamp()) AS owner,
           (SELECT count(*) FROM turnstile.inbox i WHERE i.session = s.id AND NOT i.is_taken) AS waiting
         FROM turnstile.session s WHERE id = $1`,
        [id],
      );
      if (row === undefined) return null;
      const { tenant, spec } = leaseOf(row);
      const owner = row['owner'] === null ? null : text(row['owner']);
      return { id, tenant, spec, head: Number(row['head']), owner, waiting: Number(row['waiting']) };
    },
    renew: async (owner, ttlMs) => {
      const kept = await beat.query(
        `UPDATE turnstile.worker SET until = clock_timestamp() + $2 * interval '1 millisecond'
         WHERE id = $1 AND until >= clock_timestamp() RETURNING id`,
        [owner, ttlMs],
      );
      return kept.rowCount === 1 ? { kind: 'kept' } : renewLate(owner, ttlMs);
    },
    acquire,
    claim: async (owner, { max, perTenant }) => {
      if (max <= 0) return [];
      const [first] = await ask(ANYTHING_WANTING);
      if (first?.['wanting'] !== true) return [];
      return owning(async (client) => {
        await bury(client);
        const { rows } = await client.query(CLAIM, [owner, max, perTenant]);
        return rows.map(leaseOf);
      });
    },
    release: async ({ id, owner, epoch }) => {
      await ask('UPDATE turnstile.session SET owner = NULL WHERE id = $1 AND owner = $2 AND epoch = $3', [
        id,
        owner,
        epoch,
      ]);
      waker.wake({ kind: 'inbox', id: '' }); // words may have come in the meantime
    },
    append,
    read: async (id, from, limit) => {
      const rows = await ask(
        'SELECT position, line FROM turnstile.record WHERE session = $1 AND position >= $2 ORDER BY position LIMIT $3',
        [id, from, limit],
      );
      return rows.map((row) => ({ position: Number(row['position']), text: text(row['line']) }));
    },
    put: async (id, { key, body }) => {
      const put = await ask(
        `INSERT INTO turnstile.inbox (session, key, body) SELECT id, $2, $3 FROM turnstile.session s WHERE id = $1
           AND (SELECT count(*) FROM turnstile.inbox i WHERE i.session = s.id AND NOT i.is_taken) < $4
         ON CONFLICT (session, key) DO NOTHING RETURNING position`,
        [id, key, body, MAX_WAITING_MESSAGES],
      );
      waker.wake({ kind: 'inbox', id });
      if (put.length === 1) return 'put';
      const [why] = await ask(
        `SELECT EXISTS (SELECT 1 FROM turnstile.inbox WHERE session = $1 AND key = $2) AS known,
           EXISTS (SELECT 1 FROM turnstile.session WHERE id = $1) AS there`,
        [id, key],
      );
      if (why?.['known'] === true) return 'known';
      return why?.['there'] === true ? 'full' : 'absent';
    },
    take: async ({ id }, limit) => {
      const rows = await ask(
        'SELECT position, key, body FROM turnstile.inbox WHERE session = $1 AND NOT is_taken ORDER BY position LIMIT $2',
        [id, limit],
      );
      return rows.map((row) => ({ position: Number(row['position']), key: text(row['key']), body: text(row['body']) }));
    },
    waiting: async (owner) => {
      const rows = await ask(
        `SELECT DISTINCT i.session AS id FROM turnstile.inbox i JOIN turnstile.session s ON s.id = i.session
         WHERE NOT i.is_taken AND s.owner = $1`,
        [owner],
      );
      return rows.map((row) => text(row['id']));
    },
    subscribe: waker.subscribe,
    [Symbol.asyncDispose]: async () => {
      await waker.close();
      await Promise.all([pool.end(), beat.end()]);
    },
  };
};
const ignore = (): void => undefined;
