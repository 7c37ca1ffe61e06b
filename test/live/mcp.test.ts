/** Servers of tools (MCP; R38, R26, B.5): the real one that tries everything, a real model server, a real journal. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { factsOf } from '../../actors/processes/procfs.ts';
import { replay } from '../../actors/replay/replay.ts';
import { blobsOf, readJournal } from '../../actors/journal/reader.ts';
import { MAX_MCP_RETRIES } from '../../machines/limits.ts';
import { becomes } from '../processes/bench.ts';
import { call, everything, heardIn, overHttp, pidIn, scripted, SOON_MS } from './mcp.kit.ts';
import { inputOf, live, say, type Live, type Wanted } from './stage.ts';

const alive = (pid: number) => factsOf(pid) !== null;
const open: Live[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'turnstile-mcp-'));
  folders.push(folder);
  return folder;
};
const begin = async (config: readonly string[], wanted: Partial<Wanted> = {}) => {
  const on = await live({ turns: [], ...wanted, flags: { ...wanted.flags, config } });
  open.push(on);
  const changed = (state: string) => on.until((event) => event.type === 'mcp.changed' && event.state === state);
  const finished = async (nth = 0) => on.nth('call.finished', nth);
  const toolsOf = (request: number) =>
    (on.server.requests[request]?.body['tools'] as readonly { readonly name?: string }[]).map(({ name }) => name ?? '');
  const replayed = () => {
    const file = on.session.journal ?? '';
    return replay(readJournal(file, { blobs: blobsOf(on.config.home) }));
  };
  return { ...on, changed, finished, toolsOf, replayed };
};

const ECHO = 'mcp__every__echo';
const LONG = 'mcp__every__trigger-long-running-operation';
const GZIP = 'mcp__every__gzip-file-as-resource';

describe('a server on standard streams', () => {
  it('offers its tools, answers calls, shows progress; it dies with the session, and the journal replays', async () => {
    const folder = newFolder();
    const on = await begin(everything('every', folder), {
      turns: [call(ECHO, { message: 'hello' }), call('mcp__every__get-sum', { a: 2, b: 40 }), say('done')],
    });
    expect(await on.changed('ready')).toMatchObject({ server: 'every', tools: expect.arrayContaining(['echo']) });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    expect(on.toolsOf(0)).toContain(ECHO);
    expect(on.toolsOf(0).slice(0, 2)).toEqual(['shell', 'exec_command']);
    expect(await on.finished(0)).toMatchObject({
      status: 'completed',
      output: 'Echo: hello',
      view: { kind: 'mcp', server: 'every', tool: 'echo' },
    });
    expect((await on.finished(1)).output).toContain('42');
    expect(JSON.stringify(inputOf(on.server, 2))).toContain('Echo: hello');

    on.server.load({ turns: [call(LONG, { duration: 0.2, steps: 2 }), say('done')] });
    await on.say('on');
    await on.ended(1);
    expect(on.of('exec.printed').map(({ chunk }) => chunk)).toContain('1/2\n');

    const pid = pidIn(folder, 'every');
    expect(alive(pid)).toBe(true);
    await on.session.close();
    expect(await on.changed('closed')).toBeDefined();
    expect(alive(pid)).toBe(false);
    expect(on.told.at(-1)).toMatchObject({ type: 'session.closed' });
    expect(on.replayed()).toMatchObject({ kind: 'identical' });
  });

  it('is told when a call is interrupted, and goes on (B.5)', async () => {
    const folder = newFolder();
    const on = await begin(everything('every', folder), { turns: [call(LONG, { duration: 600, steps: 60_000 })] });
    await on.say('go');
    await on.nth('exec.printed');
    await on.interrupt();
    expect(await on.ended()).toMatchObject({ type: 'turn.aborted' });
    expect(await on.finished()).toMatchObject({ status: 'aborted' });
    expect(await becomes(() => heardIn(folder, 'every').includes('notifications/cancelled'), SOON_MS)).toBe(true);
    on.server.load({ turns: [call(ECHO, { message: 'still' }), say('done')] });
    await on.say('on');
    await on.ended(1);
    expect(await on.finished(1)).toMatchObject({ output: 'Echo: still' });
  });

  it('is not waited for longer than its tools may take', async () => {
    const folder = newFolder();
    const on = await begin(everything('every', folder, 'tool_timeout_sec=0.2'), {
      turns: [call(LONG, { duration: 600, steps: 1 }), say('done')],
    });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    expect(await on.finished()).toMatchObject({ status: 'timedOut' });
    expect(await becomes(() => heardIn(folder, 'every').includes('notifications/cancelled'), SOON_MS)).toBe(true);
  });

  it('that dies is told of, fails the call that waits, and comes back under the same names', async () => {
    const folder = newFolder();
    const on = await begin(everything('every', folder), {
      turns: [call(LONG, { duration: 600, steps: 60_000 }), say('done')],
    });
    await on.say('go');
    await on.nth('exec.printed');
    const pid = pidIn(folder, 'every');
    process.kill(-pid, 'SIGKILL');
    const lost = await on.until(({ type, ...fact }) => type === 'mcp.changed' && 'message' in fact);
    expect(lost).toMatchObject({ state: 'connecting', tools: [], message: expect.stringContaining('SIGKILL') });
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    expect(await on.finished(0)).toMatchObject({ status: 'failed', output: expect.stringContaining('is gone') });
    expect(on.of('session.warned').map(({ message }) => message)).toContainEqual(expect.stringContaining('MCP server'));
    await on.until((event) => event.seq > lost.seq && event.type === 'mcp.changed' && event.state === 'ready');
    expect([alive(pid), alive(pidIn(folder, 'every'))]).toEqual([false, true]);
    on.server.load({ turns: [call(ECHO, { message: 'again' }), say('done')] });
    await on.say('on');
    expect(await on.ended(1)).toMatchObject({ type: 'turn.completed' });
    expect(await on.finished(1)).toMatchObject({ status: 'completed', output: 'Echo: again' });
    await on.session.close();
    expect(alive(pidIn(folder, 'every'))).toBe(false);
    expect(on.replayed()).toMatchObject({ kind: 'identical' });
  });

  it('that does not come back is given up, and is offered no more', async () => {
    const folder = newFolder();
    const once = `if [ -e ${folder}/was ]; then echo no more >&2; exit 7; fi; touch ${folder}/was`;
    const on = await begin(
      everything('every', folder).map((line) => line.replace('echo $$', () => `${once}; echo $$`)),
      {
        turns: [call(ECHO, { message: 'x' }), say('done')],
      },
    );
    await on.changed('ready');
    process.kill(-pidIn(folder, 'every'), 'SIGKILL');
    expect(await on.changed('failed')).toMatchObject({ message: expect.stringMatching(/code 7; it said: no more/) });
    expect(on.of('mcp.changed').filter(({ message = '' }) => message.includes('started again'))).toHaveLength(
      MAX_MCP_RETRIES,
    );
    await on.say('go');
    await on.ended();
    expect(await on.finished()).toMatchObject({ status: 'failed', output: expect.stringContaining('is not there') });
    expect(on.toolsOf(on.server.requests.length - 1)).not.toContain(ECHO);
  });

  it('offers what the lists let through, and a tool that is not offered is refused in words', async () => {
    const folder = newFolder();
    const lists = ['enabled_tools=["echo", "get-sum"]', 'disabled_tools=["get-sum"]'];
    const on = await begin(everything('every', folder, ...lists), {
      turns: [call('mcp__every__get-sum', { a: 1, b: 1 }), say('done')],
    });
    expect(await on.changed('ready')).toMatchObject({ tools: ['echo'] });
    await on.say('go');
    await on.ended();
    expect(on.toolsOf(0).filter((name) => name.startsWith('mcp__'))).toEqual([ECHO]);
    expect(await on.finished()).toMatchObject({ status: 'failed', output: expect.stringContaining('does not offer') });
  });
});

describe('no turn waits for a server (R38)', () => {
  it.each([
    ['never answers', 'exec sleep 600', 0.3, 'within 300 milliseconds'],
    ['ends at once', 'echo oh dear >&2; exit 3', 60, 'code 3; it said: oh dear'],
    ['speaks no protocol', 'while read -r x; do echo nonsense; done', 0.3, 'within 300 milliseconds'],
  ])('that %s: the turn is over before, and it is told why there are no tools', async (_, script, seconds, why) => {
    const limit = `startup_timeout_sec=${seconds}`;
    const on = await begin(scripted('mute', script, limit), { turns: [say('at once')] });
    await on.say('go');
    expect(await on.ended()).toMatchObject({ type: 'turn.completed', lastAgentMessage: 'at once' });
    expect(await on.changed('failed')).toMatchObject({ message: expect.stringContaining(why) });
    await on.session.close();
    expect(on.replayed()).toMatchObject({ kind: 'identical' });
  });

  it('but a call of it does, and an interrupt ends the waiting', async () => {
    const on = await begin(scripted('mute', 'exec sleep 600'), { turns: [call('mcp__mute__x', {})] });
    await on.say('go');
    await on.until((event) => event.type === 'items.recorded' && event.items.some(({ type }) => type === 'call'));
    await on.interrupt();
    expect(await on.ended()).toMatchObject({ type: 'turn.aborted' });
    await on.session.close();
    expect(on.told.at(-1)).toMatchObject({ type: 'session.closed' });
  });

  it('and whoever cannot be started says so', async () => {
    const on = await begin(['mcp_servers.none.command="/no/such/program"']);
    expect(await on.changed('failed')).toMatchObject({ message: expect.stringContaining('no such program') });
  });
});

describe('what may change something is asked about', () => {
  const args = { name: 'x.gz', data: 'data:text/plain,hello', outputType: 'resource' };

  it('a no is an answer, and a yes for the session holds for the tool', async () => {
    const on = await begin(everything('every', newFolder()), {
      turns: [call(GZIP, args), call(GZIP, args), call(GZIP, args), say('done')],
      flags: { approval: 'on-request' },
    });
    await on.say('go');
    const first = await on.nth('approval.requested');
    expect(first.question).toMatchObject({ why: expect.stringContaining('world outside'), now: null });
    await on.submit({ type: 'op.decide', approvalId: first.approvalId, decision: { kind: 'deny' } });
    const { approvalId, question } = await on.nth('approval.requested', 1);
    const { planHash } = question;
    await on.submit({ type: 'op.decide', approvalId, decision: { kind: 'approveForSession' }, planHash });
    expect(await on.ended()).toMatchObject({ type: 'turn.completed' });
    expect(on.of('approval.requested')).toHaveLength(2);
    const grant = { kind: 'mcp', server: 'every', tool: 'gzip-file-as-resource' };
    expect(on.of('grant.given')).toMatchObject([{ grant }]);
    expect(on.of('call.finished').map(({ status }) => status)).toEqual(['declined', 'completed', 'completed']);
  });

  it('where nobody can answer it is refused, unless the configuration says approve', async () => {
    const [asked, approved] = ['asked', 'approved'].map((name) => everything(name, newFolder()));
    const on = await begin(
      [...(asked ?? []), ...(approved ?? []), 'mcp_servers.approved.default_tools_approval_mode=approve'],
      {
        turns: [
          call('mcp__asked__gzip-file-as-resource', args),
          call('mcp__approved__gzip-file-as-resource', args),
          say('done'),
        ],
        flags: { approval: 'on-request' },
        isAttended: false,
      },
    );
    await on.say('go');
    await on.ended();
    expect(on.of('call.finished').map(({ status }) => status)).toEqual(['declined', 'completed']);
  });
});

describe('a server at an address (streamable HTTP)', () => {
  it('is used like any other, told of an interrupt, and its loss is an answer', async () => {
    const server = await overHttp();
    try {
      const on = await begin([`mcp_servers.every.url="${server.url}"`, 'mcp_servers.every.startup_timeout_sec=60'], {
        turns: [call(ECHO, { message: 'far' }), call(LONG, { duration: 600, steps: 60_000 })],
      });
      await on.say('go');
      expect(await on.finished()).toMatchObject({ output: 'Echo: far' });
      await on.nth('exec.printed');
      await on.interrupt();
      expect(await on.ended()).toMatchObject({ type: 'turn.aborted' });
      await server.close();
      on.server.load({ turns: [call(ECHO, { message: 'gone' }), say('done')] });
      await on.say('on');
      expect(await on.ended(1)).toMatchObject({ type: 'turn.completed' });
      expect(await on.finished(2)).toMatchObject({ status: 'failed' });
      await on.session.close();
      expect(on.told.at(-1)).toMatchObject({ type: 'session.closed' });
      expect(on.replayed()).toMatchObject({ kind: 'identical' });
    } finally {
      await server.close();
    }
  });

  it('that nobody answers at is told of', async () => {
    const server = await overHttp();
    await server.close();
    const on = await begin([`mcp_servers.none.url="${server.url}"`]);
    expect(await on.changed('failed')).toMatchObject({ server: 'none' });
  });
});
