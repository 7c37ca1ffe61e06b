/**
 * A PostgreSQL of our own: in a temporary folder, on loopback, for as long as a test needs it. It does not run as root, so
 * as root it runs as somebody else. Null, with a printed reason, where there is none.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, appendFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestPostgres extends AsyncDisposable {
  readonly port: number;
  /** The address of a new, empty database. */
  readonly database: () => string;
  readonly sql: (database: string, statement: string) => string;
  /** Ends it as a crash would, and starts it again on the same files. */
  restart(): Promise<void>;
}

const VERSIONS = '/usr/lib/postgresql';
const binaries = (): string | null => {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions
    .map((version) => join(VERSIONS, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
  return found ?? null;
};

/** Who runs it when we are root. */
const somebody = (): { readonly uid: number; readonly gid: number } | null => {
  if (process.getuid?.() !== 0) return null;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const line = ['postgres:', 'nobody:'].map((name) => lines.find((entry) => entry.startsWith(name))).find(Boolean);
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

export interface PostgresSettings {
  /** Lines of postgresql.conf. */
  readonly settings?: readonly string[];
}

export const startPostgres = async ({ settings = [] }: PostgresSettings = {}): Promise<TestPostgres | null> => {
  const bin = binaries();
  if (bin === null) {
    console.info('skipped: there is no PostgreSQL here (apt-get install postgresql)');
    return null;
  }
  const who = somebody();
  const folder = mkdtempSync(join(tmpdir(), 'turnstile-pg-'));
  if (who !== null) chownSync(folder, who.uid, who.gid);
  const as = { ...who, cwd: folder, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } };
  const data = join(folder, 'data');
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'turnstile', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...as,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const port = await freePort();
  const conf = ["listen_addresses = '127.0.0.1'", `port = ${port}`, `unix_socket_directories = '${folder}'`];
  appendFileSync(join(data, 'postgresql.conf'), `${[...conf, 'max_connections = 60', ...settings].join('\n')}\n`);
  const held: { server: ChildProcess | null } = { server: null };
  const isReady = (): boolean => {
    try {
      execFileSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)], { ...as, stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  const start = async (): Promise<void> => {
    const server = spawn(join(bin, 'postgres'), ['-D', data], { ...as, stdio: ['ignore', 'ignore', 'pipe'] });
    const said: string[] = [];
    server.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    held.server = server;
    while (!isReady()) {
      if (server.exitCode !== null) throw new Error(`PostgreSQL did not start: ${said.join('')}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const stop = async (signal: 'SIGQUIT' | 'SIGINT'): Promise<void> => {
    const { server } = held;
    if (server === null || server.exitCode !== null) return;
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal); // SIGQUIT: at once, nothing is tidied up; SIGINT: sessions are ended first
    await gone;
  };
  await start();
  const count = { databases: 0 };
  const sql = (database: string, statement: string): string => {
    const name = database.split('/').at(-1) ?? 'postgres';
    const args = ['-h', '127.0.0.1', '-p', String(port), '-U', 'turnstile', '-d', name, '-AtXqc', statement];
    return execFileSync(join(bin, 'psql'), args, { ...as, encoding: 'utf8' }).trim();
  };
  return {
    port,
    sql,
    database: () => {
      const name = `t${++count.databases}`;
      sql('postgres', `CREATE DATABASE ${name}`);
      return `postgres://turnstile@127.0.0.1:${port}/${name}`;
    },
    restart: async () => {
      await stop('SIGQUIT');
      await start();
    },
    [Symbol.asyncDispose]: async () => {
      await stop('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
