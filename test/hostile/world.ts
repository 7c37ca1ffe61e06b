/** A little host to attack: a workspace with repositories, a victim beside it, secrets at home, and daemons that listen. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import * as fs from 'node:fs';
import { createServer, type Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

export interface World extends AsyncDisposable {
  readonly base: string;
  readonly ws: string;
  readonly out: string;
  readonly home: string;
  readonly tmp: string;
  readonly hostTmp: string;
  /** Never to be read by a command. */
  readonly secret: string;
  /** In the environment of every process of an attempt, so that survivors are found. */
  readonly mark: string;
  readonly ports: { readonly tcp: number; readonly udp: number };
  readonly socketPath: string;
  readonly abstractName: string;
  /** How often a daemon was reached. */
  readonly reached: () => number;
}

const firstWritable = (folders: readonly string[]): string =>
  folders.find((folder) => {
    try {
      fs.accessSync(folder, fs.constants.W_OK);
      return true;
    } catch {
      return false;
    }
  }) ?? tmpdir();

const write = (path: string, text: string): void => {
  fs.mkdirSync(join(path, '..'), { recursive: true });
  fs.writeFileSync(path, text);
};

/** Enough of a repository for git to obey it, without running git. */
const repository = (folder: string): void => {
  write(join(folder, 'HEAD'), 'ref: refs/heads/main\n');
  write(join(folder, 'config'), '[core]\n\trepositoryformatversion = 0\n');
  write(join(folder, 'hooks/pre-commit.sample'), '#!/bin/sh\n');
  fs.mkdirSync(join(folder, 'objects'), { recursive: true });
  fs.mkdirSync(join(folder, 'refs/heads'), { recursive: true });
};

const furnish = (base: string, secret: string): void => {
  const ws = join(base, 'ws');
  repository(join(ws, '.git'));
  repository(join(ws, 'sub/inner/.git'));
  repository(join(ws, 'bare.git'));
  repository(join(base, 'main/.git'));
  write(join(base, 'main/.git/worktrees/linked/commondir'), '../..\n');
  write(join(base, 'main/.git/worktrees/linked/gitdir'), `${ws}/linked/.git\n`);
  write(join(base, 'main/.git/worktrees/linked/HEAD'), 'ref: refs/heads/main\n');
  write(join(ws, 'linked/.git'), `gitdir: ${base}/main/.git/worktrees/linked\n`);
  write(join(ws, '.vscode/settings.json'), '{}\n');
  write(join(ws, 'file'), 'content\n');
  write(join(base, 'out/victim'), 'untouched\n');
  write(join(base, 'out/deep/victim'), 'untouched\n');
  fs.symlinkSync(join(base, 'out'), join(ws, 'to-out'));
  fs.symlinkSync(join(base, 'out/victim'), join(ws, 'to-victim'));
  for (const path of [
    '.ssh/id_rsa',
    '.aws/credentials',
    '.gnupg/secring',
    '.kube/config',
    '.docker/config.json',
    '.netrc',
  ]) {
    write(join(base, 'home', path), `${secret}\n`);
  }
  write(join(base, 'home/own/auth.json'), `${secret}\n`);
  write(join(base, 'plain/notes'), 'nothing here yet\n');
  fs.mkdirSync(join(base, 'tmp'), { mode: 0o700 });
};

const listening = (server: Server, where: string | number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject).once('listening', resolve);
    if (typeof where === 'string') server.listen(where);
    else server.listen(where, '127.0.0.1');
  });

export const createWorld = async (uid: number): Promise<World> => {
  const base = fs.realpathSync(fs.mkdtempSync(join(firstWritable(['/var/lib', homedir()]), 'turnstile-hostile-')));
  fs.chmodSync(base, 0o755);
  const secret = `CANARY-${randomBytes(8).toString('hex')}`;
  furnish(base, secret);
  const hostTmp = join(fs.mkdtempSync('/tmp/hostile-'), 'secret');
  write(hostTmp, secret);

  const counts = { reached: 0 };
  const reach = (): void => void (counts.reached += 1);
  const tcp = createServer(reach);
  const path = createServer(reach);
  const abstract = createServer(reach);
  const udp = createSocket('udp4', reach);
  const socketPath = join(base, 'ws/daemon.sock');
  const abstractName = `hostile-${randomBytes(4).toString('hex')}`;
  await Promise.all([listening(tcp, 0), listening(path, socketPath), listening(abstract, `\0${abstractName}`)]);
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  const address = tcp.address();
  fs.chmodSync(socketPath, 0o777);
  if (uid !== process.getuid?.()) execFileSync('chown', ['-R', `${uid}:${uid}`, base]);

  return {
    base,
    ws: join(base, 'ws'),
    out: join(base, 'out'),
    home: join(base, 'home'),
    tmp: join(base, 'tmp'),
    hostTmp,
    secret,
    mark: randomBytes(8).toString('hex'),
    ports: { tcp: typeof address === 'object' && address ? address.port : 0, udp: udp.address().port },
    socketPath,
    abstractName,
    reached: () => counts.reached,
    [Symbol.asyncDispose]: async () => {
      udp.close();
      await Promise.all([tcp, path, abstract].map((server) => new Promise((done) => server.close(done))));
      fs.rmSync(base, { recursive: true, force: true });
      fs.rmSync(join(hostTmp, '..'), { recursive: true, force: true });
    },
  };
};
