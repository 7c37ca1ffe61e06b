/** `turnstile mcp-server` as other agents use it: with the client of the SDK, and with our own. */
import { ToolSchema } from '@modelcontextprotocol/sdk/types.js';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { linesOf, newPlace } from '../cli/program.ts';
import { PROGRAM, startServer, textOf } from './mcp-server.ts';

vi.setConfig({ testTimeout: 120_000 }); // many starts of the program, on a machine that does other things too

const text = (words: string) => [{ type: 'text', text: words }];
const shell = (command: string) => [{ type: 'shell', command }];
const FREE = ['-s', 'danger-full-access', '-a', 'never'];
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const pidIn = async (file: string): Promise<number> => {
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8'), { timeout: 30_000 }).toMatch(/\d\n/);
  return Number(readFileSync(file, 'utf8'));
};

describe('mcp-server', () => {
  it('runs a session and goes on with it; tells what happens meanwhile; its answers fit their schema', async () => {
    const server = await startServer([shell('echo one'), text('that is all'), text('and more')], FREE);
    const { tools } = await server.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['turnstile', 'turnstile-reply']);
    for (const tool of tools) {
      ToolSchema.parse(tool);
      expect(tool.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true });
    }
    // Not only asked for: the client holds the answer against the schema that the list had.
    const first = await server.client.callTool({ name: 'turnstile', arguments: { prompt: 'go' } });
    expect(first).toMatchObject({ isError: false, structuredContent: { status: 'completed', message: 'that is all' } });
    const { threadId } = first.structuredContent as { threadId: string };
    expect(JSON.stringify(first.content)).toContain(threadId);

    const second = await server.call('turnstile-reply', { threadId, prompt: 'more' });
    expect(second.structuredContent).toMatchObject({ threadId, message: 'and more', declined: 0 });
    const other = await server.call('turnstile', { prompt: 'anew' });
    expect(server.progress.some((line) => line.startsWith('$ echo one: completed · exit 0'))).toBe(true);
    expect(other.structuredContent).not.toMatchObject({ threadId });
    await server.close();
    expect(server.told.err).toBe('');
  });

  it('goes on with the session of an earlier process, and with none of another folder', async () => {
    const place = newPlace();
    const first = await startServer([text('one')], FREE, undefined, place);
    const { threadId } = (await first.call('turnstile', { prompt: 'remember' })).structuredContent as {
      threadId: string;
    };
    await first.close();
    const second = await startServer([text('two')], FREE, undefined, place);
    const answer = await second.call('turnstile-reply', { threadId, prompt: 'go on' });
    expect(answer.structuredContent).toMatchObject({ threadId, message: 'two' });
    await second.close();
    mkdirSync(join(place.folder, 'elsewhere'));
    const third = await startServer([text('three')], [...FREE, '-C', 'elsewhere'], undefined, place);
    const refused = await third.call('turnstile-reply', { threadId, prompt: 'go on' });
    expect(refused.isError).toBe(true);
    expect(textOf(refused)).toContain('is outside of');
    await third.close();
  });

  it('asks the person of a client that can ask; who does not choose has said no', async () => {
    const args = ['-s', 'danger-full-access', '-a', 'untrusted'];
    const file = newPlace();
    const proof = join(file.folder, 'proof');
    const answers = ['deny', 'nothing at all', 'something else', 'approve'];
    const left = [...answers];
    const server = await startServer([shell(`touch ${proof}`), text('so be it')], args, () => {
      const answer = left.shift() ?? '';
      return answer === 'nothing at all' ? { action: 'cancel' } : { action: 'accept', content: { answer } };
    });
    for (const answer of answers) {
      expect(existsSync(proof)).toBe(false);
      const { structuredContent } = await server.call('turnstile', { prompt: 'go' });
      expect(structuredContent).toMatchObject({ status: 'completed', declined: answer === 'approve' ? 0 : 1 });
    }
    expect(existsSync(proof)).toBe(true);
    expect(server.asked[0]).toMatchObject({
      message: expect.stringContaining(`$ touch ${proof}`),
      choices: expect.arrayContaining(['approve', 'deny']),
    });
    await server.close();
  });

  it('R13: a client that cannot ask is refused at once', async () => {
    const args = ['-s', 'danger-full-access', '-a', 'untrusted'];
    const server = await startServer([shell('touch proof'), text('so be it')], args);
    const { structuredContent } = await server.call('turnstile', { prompt: 'go' });
    expect(structuredContent).toMatchObject({ declined: 1 });
    expect(existsSync(join(server.folder, 'proof'))).toBe(false);
    await server.close();
  });

  it('takes back a question when the call is cancelled', async () => {
    const taken = Promise.withResolvers<void>();
    const wasAsked = Promise.withResolvers<void>();
    const server = await startServer(
      [shell('touch proof'), text('late'), text('here')],
      ['-s', 'danger-full-access', '-a', 'untrusted'],
      (_, signal) => {
        signal.addEventListener('abort', () => taken.resolve());
        wasAsked.resolve();
        return new Promise(() => undefined);
      },
    );
    const stop = new AbortController();
    const call = server.call('turnstile', { prompt: 'go' }, stop.signal).catch((error: unknown) => error);
    await Promise.race([wasAsked.promise, call.then((early) => expect(early).toBe('a question'))]);
    stop.abort('enough');
    expect(String(await call)).toContain('enough');
    await taken.promise;
    expect(existsSync(join(server.folder, 'proof'))).toBe(false);
    await server.close();
  });

  it.each(['cancel', 'close', 'SIGKILL'])('%s ends what runs; nothing of it is left alive', async (how) => {
    const server = await startServer([shell('echo $$ > pid; echo ready; exec sleep 600'), text('late')], FREE);
    const stop = new AbortController();
    const call = server.call('turnstile', { prompt: 'go' }, stop.signal).catch(() => null);
    const pid = await pidIn(join(server.folder, 'pid'));
    expect(isAlive(pid)).toBe(true);
    if (how === 'cancel') stop.abort('enough');
    else if (how === 'close') await server.close();
    else process.kill(server.pid ?? 0, 'SIGKILL');
    await call;
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    if (how !== 'cancel') return;
    // The session is idle again, and the server as good as before.
    expect(await server.client.ping()).toEqual({});
    await server.close();
  });

  it('lets a caller narrow what the person gave, and never widen it', async () => {
    const server = await startServer([shell('echo no > proof'), text('ok')], ['-s', 'workspace-write']);
    mkdirSync(join(server.folder, 'inside'));
    symlinkSync(newPlace().folder, join(server.folder, 'link')); // out of it
    const call = async (more: Record<string, unknown>) => {
      const answer = await server.call('turnstile', { prompt: 'go', ...more });
      return { isError: answer.isError, words: textOf(answer) };
    };
    for (const cwd of ['/', '..', 'link', 'nowhere'])
      expect(await call({ cwd })).toMatchObject({ isError: true, words: expect.stringMatching(/^cwd: /) });
    expect(await call({ sandbox: 'danger-full-access' })).toMatchObject({
      isError: true,
      words: expect.stringContaining('more than was given'),
    });
    expect(await call({ sandbox: 'read-only', cwd: 'inside' })).toMatchObject({ isError: false });
    expect(existsSync(join(server.folder, 'inside/proof'))).toBe(false);
    for (const [given, word] of [
      [{ prompt: '' }, 'prompt'],
      [{ prompt: 3 }, 'prompt'],
      [{ config: { notify: ['rm'] } }, 'config'],
      [{ sandbox: 'none' }, 'sandbox'],
    ] as const)
      expect(await call(given)).toMatchObject({ isError: true, words: expect.stringContaining(word) });
    expect(textOf(await server.call('turnstile-reply', { threadId: '../x.jsonl', prompt: 'go' }))).toContain(
      'threadId',
    );
    expect(textOf(await server.call('turnstile-reply', { threadId: 'nobody', prompt: 'go' }))).toContain('no thread');
    await server.close();
  });

  it('says that a turn failed, and how; one prompt at a time', async () => {
    const server = await startServer([[{ type: 'fail', code: 'invalid_prompt', message: 'not like this' }]], FREE);
    const answer = await server.call('turnstile', { prompt: 'go' });
    expect(answer).toMatchObject({ isError: true, structuredContent: { status: 'failed', message: '' } });
    expect(textOf(answer)).toContain('not like this');
    await server.close();
  });

  it('is a server of tools for our own client: one agent runs another, and the end of the one ends both', async () => {
    const place = newPlace();
    const inner = place.script(shell('echo $$ > pid; sleep 0.1; echo deep'), text('the inner one is done'));
    const outer = place.script(
      [{ type: 'call', name: 'mcp__inner__turnstile', args: { prompt: 'go' } }],
      text('the outer one too'),
    );
    const args = JSON.stringify([PROGRAM, 'mcp-server', '--rehearse', inner, ...FREE]);
    const server = [`command=${JSON.stringify(process.execPath)}`, `args=${args}`, 'startup_timeout_sec=60'];
    const { code, out } = await place.run([
      ...['exec', '--json', '--dangerously-bypass-approvals-and-sandbox', '--rehearse', outer, 'go'],
      ...server.flatMap((line) => ['-c', `mcp_servers.inner.${line}`]),
    ]);
    expect(code).toBe(0);
    const called = linesOf(out).find(
      (line) => line.type === 'item.completed' && /mcp_tool_call/.test(JSON.stringify(line)),
    );
    expect(called).toMatchObject({ item: { server: 'inner', tool: 'turnstile', status: 'completed' } });
    expect(JSON.stringify(called)).toContain('the inner one is done');
    expect(isAlive(Number(readFileSync(join(place.folder, 'pid'), 'utf8')))).toBe(false);
  });
});
