/** The tables of a log in PostgreSQL, as steps. A step that was published is never changed; a new one is added below. */

/** Names the lock under which sessions change their owner, and the one under which the tables change. */
export const OWNERSHIP_LOCK = 7_480_113;
export const MIGRATION_LOCK = 7_480_114;

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE turnstile.worker (
    id    text PRIMARY KEY,
    until timestamptz NOT NULL
  );
  CREATE TABLE turnstile.session (
    id     text PRIMARY KEY,
    tenant text NOT NULL,
    spec   text NOT NULL,
    head   bigint NOT NULL DEFAULT -1,
    epoch  bigint NOT NULL DEFAULT 0,
    owner  text,
    made   timestamptz NOT NULL DEFAULT now()
  ) WITH (fillfactor = 70);
  CREATE INDEX session_owner ON turnstile.session (owner) WHERE owner IS NOT NULL;
  CREATE TABLE turnstile.record (
    session  text NOT NULL,
    position bigint NOT NULL,
    line     text NOT NULL,
    PRIMARY KEY (session, position)
  );
  CREATE TABLE turnstile.inbox (
    session  text NOT NULL REFERENCES turnstile.session (id),
    position bigint GENERATED ALWAYS AS IDENTITY,
    key      text NOT NULL,
    body     text NOT NULL,
    is_taken boolean NOT NULL DEFAULT false,
    PRIMARY KEY (session, position),
    UNIQUE (session, key)
  );
  CREATE INDEX inbox_waiting ON turnstile.inbox (session, position) WHERE NOT is_taken;
  `,
];

/**
 * Appends to many sessions at once. A session whose owner, epoch or end is another than we believe is left alone as a whole:
 * the check and the lines are one statement, and so one transaction.
 */
export const APPEND = `
WITH given AS (
  SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) AS g (id, epoch, after, head)
), held AS (
  UPDATE turnstile.session s SET head = g.head FROM given g
  WHERE s.id = g.id AND s.owner = $1 AND s.epoch = g.epoch AND s.head = g.after
  RETURNING s.id
), put AS (
  INSERT INTO turnstile.record (session, position, line)
  SELECT l.id, l.position, l.line FROM unnest($6::text[], $7::bigint[], $8::text[]) AS l (id, position, line)
  JOIN held USING (id)
), taken AS (
  UPDATE turnstile.inbox i SET is_taken = true
  FROM unnest($9::text[], $10::bigint[]) AS t (id, position) JOIN held USING (id)
  WHERE i.session = t.id AND i.position = t.position
)
SELECT id FROM held`;

/** Sessions that want an owner: those of the lost first, then those for whom words wait. */
const WANTING = `
  SELECT s.id, s.tenant, 0::bigint AS since FROM turnstile.session s
  WHERE s.owner IS NOT NULL AND NOT EXISTS (SELECT 1 FROM turnstile.worker w WHERE w.id = s.owner)
  UNION ALL
  SELECT s.id, s.tenant, i.since FROM (
    SELECT session, min(position) AS since FROM turnstile.inbox WHERE NOT is_taken GROUP BY session
  ) i JOIN turnstile.session s ON s.id = i.session WHERE s.owner IS NULL`;

export const ANYTHING_WANTING = `
SELECT EXISTS (SELECT 1 FROM turnstile.worker WHERE until < clock_timestamp()) OR EXISTS (${WANTING}) AS wanting`;

/** Tenants take turns: the first of each, then the second of each; whoever runs many already comes later. */
export const CLAIM = `
WITH running AS (
  SELECT s.tenant, count(*) AS n FROM turnstile.session s JOIN turnstile.worker w ON w.id = s.owner GROUP BY s.tenant
), ranked AS (
  SELECT c.id, c.since, coalesce(r.n, 0) + row_number() OVER (PARTITION BY c.tenant ORDER BY c.since, c.id) AS turn
  FROM (${WANTING}) c LEFT JOIN running r USING (tenant)
), chosen AS (
  SELECT id FROM ranked WHERE turn <= $3 ORDER BY turn, since, id LIMIT $2
)
UPDATE turnstile.session s SET owner = $1, epoch = s.epoch + 1 FROM chosen c WHERE s.id = c.id
RETURNING s.id, s.owner, s.epoch, s.head, s.tenant, s.spec`;
