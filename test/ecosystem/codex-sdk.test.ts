/** Codex's own SDK, unchanged, drives this program: what it may say on a command line is understood, what it reads fits. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ThreadEvent, ThreadItem } from '@openai/codex-sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startModelServer, type ModelServer } from '../model-server/server.ts';
import { PNG, codexOn, isAlive, newPlace, type Place } from './codex.ts';

const text = (words: string) => ({ items: [{ type: 'text' as const, text: words }] });
const shell = (command: string) => ({ items: [{ type: 'shell' as const, command }] });

vi.setConfig({ testTimeout: 120_000 }); // many starts of the program in one test

let server: ModelServer;
let place: Place;
beforeAll(async () => {
  server = await startModelServer({ turns: [text('hello')] });
});
afterAll(() => server.close());
beforeEach(() => {
  place = newPlace();
});

const drain = async (events: AsyncGenerator<ThreadEvent>): Promise<readonly ThreadEvent[]> => {
  const all: ThreadEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
};
const lastRequest = () => server.requests.at(-1) ?? expect.unreachable('nothing was asked');
const ofType = (items: readonly ThreadItem[], type: ThreadItem['type']) => items.filter((item) => item.type === type);

describe('run', () => {
  it('R37: answers with the items, the final response and the usage of the turn; baseUrl and apiKey arrive', async () => {
    server.load({ turns: [shell('echo one'), text('done')] });
    const thread = codexOn(place, server).startThread({ workingDirectory: place.folder, threadSource: 'tests' });
    const turn = await thread.run('go');
    expect(turn.finalResponse).toBe('done');
    expect(turn.usage).toMatchObject({ input_tokens: 2000, output_tokens: 40, cached_input_tokens: 0 });
    expect(ofType(turn.items, 'command_execution')).toMatchObject([
      { command: 'echo one', aggregated_output: 'one\n', exit_code: 0, status: 'completed' },
    ]);
    expect(thread.id).toMatch(/^[\w-]{8,}$/);
    expect(lastRequest().headers.authorization).toBe('Bearer of-the-sdk');
  });

  it('throws with the message of a turn that failed, and with the words of stderr where the command line was wrong', async () => {
    server.load({ turns: [{ items: [{ type: 'fail', code: 'invalid_prompt', message: 'not like this' }] }] });
    const codex = codexOn(place, server);
    await expect(codex.startThread({ workingDirectory: place.folder }).run('go')).rejects.toThrow('not like this');
    const nowhere = codex.startThread({ workingDirectory: join(place.folder, 'nowhere') });
    await expect(nowhere.run('go')).rejects.toThrow(/code 2: .*is not a folder/s);
    const nobody = codex.resumeThread('nobody', { workingDirectory: place.folder });
    await expect(nobody.run('go')).rejects.toThrow(/code 2: .*nobody/s);
  });
});

describe('runStreamed', () => {
  it('R37: streams the documented lines; every item that started completes before the one terminal', async () => {
    const patch = '*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch';
    const plan = { plan: [{ step: 'write', status: 'in_progress' }] };
    server.load({
      turns: [
        { items: [{ type: 'call', name: 'update_plan', args: plan }] },
        {
          items: [
            { type: 'reasoning', text: 'let me see' },
            { type: 'patch', patch },
          ],
        },
        text('written'),
      ],
    });
    const codex = codexOn(place, server);
    const thread = codex.startThread({ workingDirectory: place.folder, sandboxMode: 'workspace-write' });
    const { events } = await thread.runStreamed('write it');
    const all = await drain(events);
    expect(all[0]).toMatchObject({ type: 'thread.started', thread_id: thread.id });
    expect(all.at(-1)?.type).toBe('turn.completed');
    const ids = (type: ThreadEvent['type']) => all.flatMap((e) => (e.type === type && 'item' in e ? [e.item.id] : []));
    expect(ids('item.started').length).toBeGreaterThan(0);
    expect(ids('item.completed')).toEqual(expect.arrayContaining(ids('item.started')));
    const items = all.flatMap((event) => (event.type === 'item.completed' ? [event.item] : []));
    expect(ofType(items, 'file_change')).toMatchObject([{ changes: [{ kind: 'add' }], status: 'completed' }]);
    expect(ofType(items, 'todo_list')).toMatchObject([{ items: [{ text: 'write', completed: false }] }]);
    expect(ofType(items, 'agent_message')).toMatchObject([{ text: 'written' }]);
    expect(readFileSync(join(place.folder, 'new.txt'), 'utf8')).toBe('hello\n');
  });

  it('each line fits the schema that the program prints', async () => {
    server.load({ turns: [shell('exit 3'), text('so be it')] });
    const { Line } = await import('../../cli/json-schema.ts');
    const { events } = await codexOn(place, server).startThread({ workingDirectory: place.folder }).runStreamed('go');
    for (const line of await drain(events)) {
      // The SDK adds one count of its own to the usage.
      if (line.type === 'turn.completed') Reflect.deleteProperty(line.usage, 'cache_write_input_tokens');
      expect({ line, error: Line.safeParse(line).error }).toEqual({ line, error: undefined });
    }
    const printed = spawnSync(place.program, ['exec', '--print-schema'], { env: place.env, encoding: 'utf8' });
    expect(JSON.parse(printed.stdout)).toHaveProperty('$schema');
  });

  it('R3, R25: an abort ends the command that runs, and a reader that stops leaves nobody behind', async () => {
    for (const how of ['abort', 'leave'] as const) {
      server.load({ turns: [shell('echo $$ > pid; echo ready; exec sleep 600'), text('late')] });
      const stop = new AbortController();
      const codex = codexOn(place, server);
      const thread = codex.startThread({ workingDirectory: place.folder, sandboxMode: 'danger-full-access' });
      const { events } = await thread.runStreamed('go', { signal: stop.signal });
      for await (const event of events) {
        if (event.type !== 'item.started') continue;
        await expect.poll(() => existsSync(join(place.folder, 'pid')), { timeout: 15_000 }).toBe(true);
        if (how === 'leave') break;
        stop.abort();
        await expect(drain(events)).rejects.toThrow(/abort/i);
        break;
      }
      await expect.poll(() => readFileSync(join(place.folder, 'pid'), 'utf8').trim()).not.toBe('');
      const pid = Number(readFileSync(join(place.folder, 'pid'), 'utf8'));
      await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false);
    }
  });
});

describe('options', () => {
  it('resumeThread goes on with the history', async () => {
    server.load({ turns: [text('first answer')] });
    const codex = codexOn(place, server);
    const first = codex.startThread({ workingDirectory: place.folder });
    await first.run('first words');
    const again = codex.resumeThread(first.id ?? '', { workingDirectory: place.folder });
    await again.run([
      { type: 'text', text: 'second words' },
      { type: 'local_image', path: place.image },
    ]);
    expect(again.id).toBe(first.id);
    for (const words of ['first words', 'first answer', 'second words', PNG.toString('base64')])
      expect(lastRequest().text).toContain(words);
    await first.run('third words'); // the same object again: resumes by itself
    expect(lastRequest().text).toContain('second words');
  });

  it('outputSchema is sent, and an answer that does not match it is an error', async () => {
    const outputSchema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    server.load({ turns: [text('{"n":1}')] });
    const thread = codexOn(place, server).startThread({ workingDirectory: place.folder });
    expect(JSON.parse((await thread.run('go', { outputSchema })).finalResponse)).toEqual({ n: 1 });
    expect(lastRequest().body['text']).toMatchObject({ format: { type: 'json_schema', schema: outputSchema } });
    server.load({ turns: [text('no json')] });
    await expect(thread.run('go', { outputSchema })).rejects.toThrow(/code 5: .*JSON/s);
  });

  it('sandboxMode, approvalPolicy and additionalDirectories decide what may be written', async () => {
    const beside = realpathSync(newPlace().folder);
    const script = { turns: [shell(`touch inside; touch ${beside}/outside`), text('done')] };
    const codex = codexOn(place, server);
    const written = () => [join(place.folder, 'inside'), join(beside, 'outside')].map((file) => existsSync(file));
    const options = { workingDirectory: place.folder, approvalPolicy: 'never', skipGitRepoCheck: true } as const;
    server.load(script);
    await codex.startThread({ ...options, sandboxMode: 'read-only' }).run('go');
    expect(written()).toEqual([false, false]);
    server.load(script);
    await codex.startThread({ ...options, sandboxMode: 'workspace-write' }).run('go');
    expect(written()).toEqual([true, false]);
    server.load(script);
    const wide = { ...options, sandboxMode: 'workspace-write' as const, additionalDirectories: [beside] };
    await codex.startThread(wide).run('go');
    expect(written()).toEqual([true, true]);
  });

  it('approvalPolicy untrusted: what would need a person is declined, and the turn goes on', async () => {
    server.load({ turns: [shell('touch proof'), text('I may not')] });
    const codex = codexOn(place, server);
    const thread = codex.startThread({ workingDirectory: place.folder, approvalPolicy: 'untrusted' });
    const turn = await thread.run('go');
    expect(turn).toMatchObject({ finalResponse: 'I may not', items: [{ status: 'declined' }, {}] });
  });

  it('model, effort, network, web search and configuration overrides are understood', async () => {
    const marked = join(place.folder, 'marked');
    mkdirSync(marked);
    writeFileSync(join(marked, 'NOTES.md'), 'words of this project');
    server.load({ turns: [text('hello')] });
    const config = {
      project_doc_fallback_filenames: ['NOTES.md'],
      sandbox_workspace_write: { exclude_slash_tmp: true },
      features: {},
    };
    const codex = codexOn(place, server, { config, configOverrides: ['model_reasoning_summary="detailed"'] });
    const thread = codex.startThread({
      workingDirectory: marked,
      model: 'gpt-5-codex',
      modelReasoningEffort: 'high',
      networkAccessEnabled: true,
      webSearchMode: 'disabled',
    });
    await thread.run('go', { cyberAccessProgram: 'standard' });
    expect(lastRequest().body).toMatchObject({
      model: 'gpt-5-codex',
      reasoning: { effort: 'high', summary: 'detailed' },
    });
    expect(lastRequest().text).toContain('words of this project');
  });
});
