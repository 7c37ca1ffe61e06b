/** R32: a command whose network is a list of hosts, in a real sandbox, with the programs that people use. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProcesses } from '../../actors/processes/processes.ts';
import { findHost, probe, probeGate, survey } from '../../sandbox/host.ts';
import type { Command, Spawn } from '../../sandbox/plan.ts';
import { plan } from '../../sandbox/planner.ts';
import type { SandboxPolicy } from '../../sandbox/policy.ts';
import { closed } from '../../sandbox/registry.ts';
import { alive, becomes, openDescriptors, run, start } from './bench.ts';

const host = await probeGate(await probe(findHost()));
const listing = { kind: 'readOnly', network: { hosts: ['a.test'] } } as const;
const problem = host.probes['bubblewrap'] ?? closed(host, listing);
const canGate = host.helpers['bwrap'] !== undefined && problem === null;
if (!canGate) console.warn(`the gate is not tried: ${problem?.reason ?? 'there is no bubblewrap'}`);

const folder = mkdtempSync(join(tmpdir(), 'gate-'));
const ws = join(folder, 'ws');
const site = join(folder, 'site');
const processes = createProcesses();
/** Answers that do not end, by those who wait for them. */
const endless = new Set<ServerResponse>();
const server = createServer((request, response) => {
  const path = join(site, (request.url ?? '').replace(/[?].*/, ''));
  if (request.url === '/endless') {
    endless.add(response);
    response.once('close', () => endless.delete(response));
    response.write('begun\n');
  } else if (existsSync(path) && statSync(path).isFile()) response.end(readFileSync(path));
  else response.writeHead(404).end('none\n');
});
const place = { url: '', entry: '' };

beforeAll(async () => {
  mkdirSync(ws);
  mkdirSync(site);
  writeFileSync(join(site, 'page'), 'the page\n');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  place.entry = `web.test:${(server.address() as AddressInfo).port}`;
  place.url = `http://${place.entry}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  processes.close();
  rmSync(folder, { recursive: true });
});

const resolve = async () => ['127.0.0.1'];
/** The name, and the place on this machine to which it leads. */
const hosts = () => [place.entry, place.entry.replace('web.test', '127.0.0.1')];

const spawnFor = (argv: Command['argv'], more: Partial<Command> = {}, known = host): Spawn => {
  const sandbox: SandboxPolicy = {
    kind: 'workspaceWrite',
    writableRoots: [ws],
    network: { hosts: hosts() },
    tmp: 'private',
  };
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', URL: place.url, HOME: ws };
  const command = { ...{ argv, cwd: ws, env, timeoutMs: 60_000, input: null }, ...more };
  const terrain = survey(sandbox, command.cwd, known);
  const story = { command, sandbox, grants: [], rules: [], escalation: null, host: known, terrain };
  const planned = plan({ ...story, approval: 'never' });
  if (planned.step !== 'run') throw new Error(JSON.stringify(planned));
  return planned.spawn;
};
const bash = (script: string, more: Partial<Command> = {}) => spawnFor(['/bin/bash', '-c', script], more);
const go = async (script: string, more: Partial<Command> = {}) =>
  (await run(bash(script, more), processes, { resolve })).result;

const has = (program: string): boolean => {
  const found = ['/usr/bin', '/usr/local/bin', '/bin'].some((place) => existsSync(join(place, program)));
  if (!found) console.warn(`not tried, since it is not installed: ${program}`);
  return found;
};

describe.skipIf(!canGate)('R32: a command with a list of hosts', { timeout: 60_000 }, () => {
  it.each([
    ['curl', 'curl -fsS $URL/page'],
    ['node', `'${process.execPath}' -e 'fetch(process.env.URL + "/page").then((r) => r.text()).then(console.log)'`],
    [
      'python3',
      `/usr/bin/python3 -c 'import os, urllib.request as u; print(u.urlopen(os.environ["URL"] + "/page").read())'`,
    ],
  ])('reaches one of it with %s', async (program, script) => {
    if (program !== 'node' && !has(program)) return;
    const result = await go(script);
    expect(result).toMatchObject({ ending: { kind: 'exited', code: 0 }, denial: null });
    expect(result.output).toContain('the page');
  });

  it('clones a repository from one of it', async () => {
    if (!has('git')) return;
    const git = (cwd: string, ...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@y', ...args], { cwd, stdio: 'ignore' });
    const origin = join(folder, 'origin');
    mkdirSync(origin);
    writeFileSync(join(origin, 'file'), 'cloned\n');
    git(origin, 'init');
    git(origin, 'add', '.');
    git(origin, 'commit', '-m', 'one');
    git(folder, 'clone', '--bare', origin, join(site, 'repo.git'));
    git(join(site, 'repo.git'), 'update-server-info');
    const result = await go('git clone -q $URL/repo.git /tmp/copy && cat /tmp/copy/file');
    expect(result.output).toBe('cloned\n');
  });

  it('is told which other host it was refused, and so are we', async () => {
    const script = (proxy: string) =>
      `exec 9<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT other.test:443 HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' >&9; head -n 1 <&9; ${proxy}`;
    const line = 'turnstile: the sandbox refused other.test:443: not in the list of hosts (network_access)\n';
    const lost = await go(script('exit 5'));
    expect(lost).toMatchObject({
      ending: { kind: 'exited', code: 5 },
      denial: { what: 'network', certainty: 'likely', hosts: ['other.test:443'] },
    });
    expect(lost.output).toMatch(/ 403 /);
    expect(lost.output.endsWith(line)).toBe(true);
    const well = await go(script('printf done'));
    expect(well).toMatchObject({ ending: { kind: 'exited', code: 0 }, denial: null });
    expect(well.output.endsWith(`done\n${line}`)).toBe(true);
  });

  it('ends as it ends', async () => {
    expect((await go('exit 7')).ending).toEqual({ kind: 'exited', code: 7 });
    expect((await go('exit 127')).ending).toEqual({ kind: 'exited', code: 127 });
    expect((await go('kill -SEGV $$')).ending).toEqual({ kind: 'signalled', signal: 'SIGSEGV' });
    expect((await go('sleep 94.1', { timeoutMs: 300 })).ending).toEqual({ kind: 'timedOut', afterMs: 300 });
    const missing = await run(spawnFor(['no-such-program']), processes, { resolve });
    expect(missing.result.ending).toEqual({ kind: 'unstarted', reason: 'no such program: no-such-program' });
    expect((await go('true', { cwd: join(ws, 'none') })).ending).toMatchObject({ kind: 'unstarted' });
    const huge = await run(spawnFor(['/bin/true', 'x'.repeat(200_000)]), processes, { resolve });
    expect(huge.result.ending).toMatchObject({ kind: 'unstarted', reason: expect.stringContaining('too long') });
  });

  it('has its input, its environment and no descriptor of ours', async () => {
    const env = { PATH: '/usr/bin:/bin', PERL5OPT: '-Mnone', 'ODD NAME': 'a=b\nc' };
    const open = 'ls -l /proc/$$/fd | sed "s/.* \\([0-9]* -> \\)/\\1/" | grep -v "^[012] "';
    const script = `cat; printf '%s|' "$PERL5OPT" "$PWD"; env | grep -A1 ODD; ${open}`;
    const { output } = await go(script, { env, input: 'in\n' });
    expect(output.startsWith(`in\n-Mnone|${ws}|ODD NAME=a=b\nc\n`)).toBe(true);
    expect(output).not.toMatch(/^\d+ -> (?!\/dev\/null)/m); // nothing covers what is not ours to close
  });

  it('has its own loopback beside it', async () => {
    const script = `'${process.execPath}' -e 'const s = require("http").createServer((q, r) => r.end("own")).listen(8080, "127.0.0.1", () => fetch("http://127.0.0.1:8080").then((r) => r.text()).then((t) => { console.log(t); process.exit(); }))' 2>/dev/null`;
    // The list names another port of 127.0.0.1, so that this one has to be asked for without the proxy.
    expect((await go(`NO_PROXY=127.0.0.1 no_proxy=127.0.0.1 ${script}`)).output).toBe('own\n');
  });

  it.each(['exec.cancel', 'exec.kill', 'stop'] as const)(
    'R22: %s in the middle of a stream leaves nobody',
    async (how) => {
      if (!has('curl')) return;
      const test = start(bash('curl -sN $URL/endless & sleep 95.1 & wait'), processes, { resolve });
      await test.printed('begun');
      if (how === 'stop') test.stop();
      else {
        test.send({ type: how });
        expect((await test.report).result.ending).toMatchObject({ kind: 'cancelled' });
      }
      expect(await becomes(() => endless.size === 0 && alive('sleep\x0095.1').length === 0, 5_000)).toBe(true);
    },
  );

  it('keeps no descriptor and no connection when it is over', async () => {
    await go('exit 0');
    const before = openDescriptors();
    for (let round = 0; round < 3; round += 1) await go('curl -fsS $URL/page; curl -s http://other.test');
    await run(spawnFor(['no-such-program']), processes, { resolve });
    expect(await becomes(() => openDescriptors() <= before, 5_000)).toBe(true);
  });
});

describe.skipIf(host.probes['bubblewrap'] !== null)('where the gate cannot be built', () => {
  const { perl: _, ...helpers } = host.helpers;
  const without = { ...host, helpers, probes: { bubblewrap: null } };
  const broken = { ...host, probes: { ...host.probes, gate: { layer: 'failed', reason: 'r', remedy: 'm' } } };

  it.each([
    ['without perl', without, 'a list of hosts needs perl'],
    ['where the probe failed', broken, 'r'],
  ])('%s the network is off, and it is said', async (_where, known, reason) => {
    const spawn = spawnFor(['/bin/bash', '-c', 'echo > /dev/tcp/127.0.0.1/3128'], {}, known);
    expect(spawn.gate).toBeUndefined();
    expect(spawn.inWords.sandbox).toContain('network off, since a list of hosts cannot be kept here');
    expect(closed(known, listing)?.reason).toBe(reason);
    expect((await run(spawn, processes)).result.ending).toEqual({ kind: 'exited', code: 1 });
  });
});
