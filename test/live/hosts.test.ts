/** R32, live: a host that is not in the list is asked about, once, for the session or for the folder; and what a command came to is told. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseRules } from '../../cli/config/rules.ts';
import type { Decision } from '../../machines/protocol/index.ts';
import { findHost, probe, probeGate } from '../../sandbox/host.ts';
import { gateProblem } from '../../sandbox/backends/bubblewrap.gate.ts';
import { judge } from './judge.ts';
import { inputOf, live, say, shell, type Live, type Wanted } from './stage.ts';

const host = await probeGate(await probe(findHost()));
const why = host.probes['bubblewrap'] ?? gateProblem(host);
const canGate = why === null && host.helpers['bwrap'] !== undefined;
if (!canGate) console.warn(`questions about hosts are not tried: ${why?.reason ?? 'there is no bubblewrap'}`);

const server = createServer((_, response) => response.end('the page\n'));
const place = { port: 0 };
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  place.port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const open: Live[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
/** Every name leads to this machine, and this machine may be reached where the server is. */
const begin = async (wanted: Wanted): Promise<Live> => {
  const on = await live({
    resolve: async () => ['127.0.0.1'],
    ...wanted,
    flags: {
      ...{ sandbox: 'workspace-write', approval: 'on-request' },
      config: [`sandbox_workspace_write.network_access=["127.0.0.1:${place.port}"]`],
      ...wanted.flags,
    },
  });
  open.push(on);
  return on;
};
// Plain HTTP through the proxy; without any program but the shell.
const get = (name: string): string =>
  `exec 9<>/dev/tcp/127.0.0.1/3128; printf 'GET http://${name}:${place.port}/ HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&9; grep 'the page' <&9`;
const answer = async (on: Live, decision: Decision, n = 0) => {
  const { approvalId, question } = await on.nth('approval.requested', n);
  await on.submit({ type: 'op.decide', approvalId, decision, planHash: question.planHash });
  return question;
};

describe.skipIf(!canGate)('R32: a host that is not listed', { timeout: 60_000 }, () => {
  it('R29: leads to one question, with its scope in words; a yes for the session holds for the commands that follow', async () => {
    const on = await begin({ turns: [shell(get('a.test')), shell(`${get('a.test')} || true`), say('done')] });
    await on.say('go');
    const wanted = `a.test:${place.port}`;
    const question = await answer(on, { kind: 'approveForSession' });
    expect(question).toMatchObject({
      why: `let this command reach ${wanted}? It is not in the list of hosts`,
      cause: `not in the list of hosts: ${wanted}`,
      now: { backend: 'bubblewrap', expects: 'refused' },
      ifYes: { backend: 'bubblewrap', sandbox: expect.stringContaining(wanted) },
      offers: [{ kind: 'host', host: wanted, lifetime: 'session' }],
      offersInWords: `For this session: commands may reach ${wanted}.`,
      keeps: { inWords: `In this folder, from now on: commands may reach ${wanted}.` },
    });
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    expect(on.of('approval.requested')).toHaveLength(1);
    expect(on.of('call.finished').map(({ exitCode, output }) => [exitCode, output.trim()])).toEqual([
      [0, 'the page'],
      [0, 'the page'],
    ]);
    expect(on.of('network.refused').map(({ hosts }) => hosts)).toEqual([[wanted]]);
    expect(on.of('network.contacted').map(({ hosts }) => hosts)).toEqual([[wanted], [wanted]]);
    expect(on.session.view().grants).toEqual(question.offers);
    judge(on);
  });

  it('R14: a yes is for once: the next command asks again; a no keeps what the first run had said', async () => {
    const on = await begin({ turns: [shell(get('a.test')), shell(`echo before; ${get('a.test')}`), say('done')] });
    await on.say('go');
    await answer(on, { kind: 'approve' });
    await answer(on, { kind: 'deny' }, 1);
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    const [one, two] = on.of('call.finished');
    expect([one?.status, two?.status]).toEqual(['completed', 'declined']);
    expect(two?.output).toContain('before');
    expect(JSON.stringify(inputOf(on.server, 2))).toContain('not in the list of hosts');
    expect(on.session.view().grants).toEqual([]);
    judge(on);
  });

  it('R14: a yes for the folder is a rule that the next session here reads', async () => {
    const on = await begin({ turns: [shell(get('a.test')), say('done')] });
    await on.say('go');
    await answer(on, { kind: 'approveAndKeep' });
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    const file = join(on.config.home, 'rules', 'kept.rules');
    const text = readFileSync(file, 'utf8');
    const kept = { host: `a.test:${place.port}`, decision: 'allow', source: `${file}:1` };
    expect(parseRules(text, file, on.folder)).toEqual({ commands: [], hosts: [kept] });
    expect(parseRules(text, file, join(on.folder, 'below'))).toMatchObject({ hosts: [kept] });
    expect(parseRules(text, file, '/')).toEqual({ commands: [], hosts: [] });
    judge(on);

    const next = await begin({ turns: [shell(get('a.test')), say('done')], rules: text.replace(on.folder, '/') });
    await next.say('go');
    expect(await next.ended()).toMatchObject({ type: 'turn.completed' });
    expect(next.of('approval.requested')).toEqual([]);
    expect(next.of('call.finished')).toMatchObject([{ exitCode: 0 }]);
  });

  it('that a rule forbids is not asked about, although it is listed; nor is any under never', async () => {
    const listed = [`sandbox_workspace_write.network_access=["*.test:${place.port}","127.0.0.1:${place.port}"]`];
    const rules = 'network_rule(host="*.evil.test", decision="forbidden")\n';
    const on = await begin({
      ...{ rules, turns: [shell(get('x.evil.test')), shell(get('good.test')), say('done')] },
      flags: { config: listed },
    });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    expect(on.of('approval.requested')).toEqual([]);
    expect(on.of('call.finished').map(({ exitCode }) => exitCode)).toEqual([1, 0]);
    expect(JSON.stringify(inputOf(on.server, 1))).toContain('forbidden by a rule');

    const never = await begin({ turns: [shell(get('a.test')), say('done')], flags: { approval: 'never' } });
    await never.say('go');
    expect(await never.ended()).toMatchObject({ type: 'turn.completed' });
    expect(never.of('approval.requested')).toEqual([]);
    expect(never.of('network.refused')).toMatchObject([{ hosts: [`a.test:${place.port}`] }]);
  });

  it('B.5: an interrupt while it is asked about: nothing runs again', async () => {
    const on = await begin({ turns: [shell(get('a.test')), say('never asked for')] });
    await on.say('go');
    await on.nth('approval.requested');
    await on.interrupt();
    expect(await on.ended()).toMatchObject({ type: 'turn.aborted', reason: 'interrupted' });
    expect(on.of('network.contacted')).toEqual([]);
    judge(on);
  });
});
