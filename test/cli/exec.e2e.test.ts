import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Line } from '../../cli/json-schema.ts';
import { findHost } from '../../sandbox/host.ts';
import { linesOf, newPlace } from './program.ts';

let place: ReturnType<typeof newPlace>;
beforeAll(() => {
  place = newPlace();
});

const text = (words: string) => [{ type: 'text', text: words }];
const shell = (command: string) => [{ type: 'shell', command }];
const REFUSED = shell('rm -rf nothing-here');

describe('exit codes', () => {
  const exec = (script: readonly (readonly object[])[], ...args: string[]) =>
    place.run(['exec', '--rehearse', place.script(...script), ...args, 'go']);

  it.each<[number, string, readonly (readonly object[])[], readonly string[]]>([
    [0, 'done', [text('fine')], []],
    [0, 'a command that fails is no failure', [shell('false'), text('so be it')], []],
    [0, 'a refusal that can be survived', [REFUSED, text('I may not')], ['-a', 'never']],
    [1, 'the model fails', [[{ type: 'fail', code: 'invalid_prompt', message: 'no' }]], []],
    [3, 'a refusal where none may be', [REFUSED, text('I may not')], ['-a', 'never', '--fail-on-refusal']],
    [4, 'the context window is exceeded', [[{ type: 'fail', code: 'context_length_exceeded' }]], []],
    [8, 'the same call fails until a limit is reached', [shell('false')], []],
  ])('%d: %s', async (code, _, script, args) => {
    const ended = await exec(script, ...args);
    expect({ code: ended.code, err: ended.err }).toMatchObject({ code });
  });

  it('2: usage, in one line on stderr that names what is wrong', async () => {
    for (const args of [
      ['exec', '--nope'],
      ['exec', '-s', 'loose', 'x'],
      ['exec', '-c', 'model=3', 'x'],
      ['exec', '--rehearse', 'none.json', 'x'],
      ['exec', 'resume', 'nobody', 'x'],
    ]) {
      const { code, err, out } = await place.run(args);
      expect({ args, code, out, lines: err.trimEnd().split('\n').length }).toEqual({
        args,
        code: 2,
        out: '',
        lines: 1,
      });
    }
  });

  it('2: a directory as stdin is told as one', async () => {
    const stdin = openSync(place.folder, 'r');
    const ended = await place.run(['exec', '-'], { stdin });
    closeSync(stdin);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toMatch(/^turnstile: stdin is a directory.*\n$/);
  });

  it('6: there is no sandbox, and a command was refused for that', async () => {
    // Where there is a bubblewrap, it hides itself from the program.
    const { bwrap } = findHost().helpers;
    const hidden = ['--dev-bind', '/', '/', '--ro-bind', '/dev/null'];
    const within = bwrap === undefined ? [] : [bwrap.path, ...hidden, bwrap.path];
    const script = place.script(shell('true'), text('nothing can run'));
    const { code, err } = await place.run(['exec', '--rehearse', script, 'go'], { within });
    expect({ code, err }).toMatchObject({ code: 6, err: expect.stringContaining('no sandbox can be built here') });
  });

  it('5: the final message does not match the schema', async () => {
    const schema = join(place.folder, 'schema.json');
    writeFileSync(schema, '{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}');
    expect((await exec([text('{"n":"x"}')], '--output-schema', schema)).code).toBe(5);
    expect((await exec([text('{"n":1}')], '--output-schema', schema)).code).toBe(0);
  });
});

describe('exec', () => {
  it('R37: writes lines that fit the schema it prints, one terminal, every item completed', async () => {
    const script = place.script(shell('echo one; echo two >&2; exit 3'), text('done'));
    const { out, err, code } = await place.run(['exec', '--json', '--rehearse', script, 'go']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = linesOf(out);
    for (const line of lines) expect(Line.safeParse(line).error).toBeUndefined();
    expect(lines[0]).toMatchObject({ type: 'thread.started', seq: 0, v: 1 });
    const completed = lines.filter(({ type }) => type === 'item.completed');
    expect(completed).toMatchObject([
      {
        item: {
          type: 'command_execution',
          exit_code: 3,
          status: 'failed',
          aggregated_output: expect.stringContaining('two'),
        },
      },
      { item: { type: 'agent_message', text: 'done' } },
    ]);
    expect(lines.at(-1)).toMatchObject({ type: 'turn.completed', usage: { input_tokens: expect.any(Number) } });
  });

  it('R24: never reads stdin beside an argument, even if nobody closes it', async () => {
    const running = place.start(['exec', '--rehearse', place.script(text('fine')), 'go'], { stdin: 'pipe' });
    expect((await running.ended).code).toBe(0);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('R3, R25: on %s ends the command and the turn, and exits with %d', async (signal, code) => {
    const marker = join(place.folder, `marker-${signal}`);
    const script = place.script(shell(`trap '' TERM; echo begun; sleep 3; touch ${marker}`), text('no'));
    const running = place.start(['exec', '--json', '-s', 'workspace-write', '--rehearse', script, 'go']);
    await running.said('item.started');
    running.child.kill(signal);
    const ended = await running.ended;
    expect(ended.code).toBe(code);
    expect(ended.tookMs).toBeLessThan(8_000);
    const lines = linesOf(ended.out);
    expect(lines.at(-1)).toMatchObject({ type: 'turn.aborted' });
    expect(lines.filter(({ type }) => type === 'item.started')).toHaveLength(
      lines.filter(
        ({ type, item }) => type === 'item.completed' && (item as { type: string }).type === 'command_execution',
      ).length,
    );
    expect(existsSync(marker)).toBe(false);
  });

  it('survives a reader that goes away', async () => {
    const running = place.start(['exec', '--json', '--rehearse', place.script([{ type: 'text', deltas: 200 }]), 'go']);
    await running.said('thread.started');
    running.child.stdout?.destroy();
    const { code, err } = await running.ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('goes on with a saved session, which --ephemeral does not leave behind', async () => {
    const first = await place.run(['exec', '--json', '--rehearse', place.script(text('one')), 'first words']);
    const { thread_id: id } = linesOf(first.out)[0] as unknown as { thread_id: string };
    const second = await place.run(['exec', 'resume', id, '--json', '--rehearse', place.script(text('two')), 'second']);
    expect(linesOf(second.out)[0]).toMatchObject({ type: 'thread.started', thread_id: id });
    const last = await place.run(['exec', 'resume', '--last', '--rehearse', place.script(text('three')), 'third']);
    expect(last).toMatchObject({ code: 0, out: 'three\n' });
    const before = await place.run(['sessions', '--json', '--all']);
    await place.run(['exec', '--ephemeral', '--rehearse', place.script(text('x')), 'gone']);
    const after = await place.run(['sessions', '--json', '--all']);
    expect(JSON.parse(before.out)).toEqual(JSON.parse(after.out));
    expect(JSON.parse(after.out)).toContainEqual(expect.objectContaining({ id, preview: 'first words', turns: 3 }));
  });

  it('writes the final message to -o', async () => {
    const file = join(place.folder, 'last.txt');
    await place.run(['exec', '-o', file, '--rehearse', place.script(text('the end')), 'go']);
    expect(readFileSync(file, 'utf8')).toBe('the end');
  });
});
