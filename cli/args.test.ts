import { describe, expect, it } from 'vitest';
import { parseArgs } from './args.ts';

const run = (...argv: string[]) => {
  const parsed = parseArgs(argv);
  return parsed.kind === 'run'
    ? { command: parsed.invocation.command.name, flags: parsed.invocation.flags, operands: parsed.invocation.operands }
    : parsed;
};

describe('argv', () => {
  it.each([
    [[], 'chat', {}, []],
    [['hello there'], 'chat', {}, ['hello there']],
    [['--', 'exec'], 'chat', {}, ['exec']],
    [['exec', 'fix it'], 'exec', {}, ['fix it']],
    [['-m', 'gpt-x', 'exec', 'fix it', '--json'], 'exec', { model: 'gpt-x', json: true }, ['fix it']],
    [
      ['exec', '--experimental-json', 'resume', 'abc', '--image', 'a.png'],
      'exec',
      { json: true, image: ['a.png'] },
      ['resume', 'abc'],
    ],
    [['exec', 'resume', '--last', '-'], 'exec', { last: true }, ['resume', '-']],
    [['exec', '-c', 'a=1', '--config=b.c="x"', '-cd=2'], 'exec', { config: ['a=1', 'b.c="x"', 'd=2'] }, []],
    [['e', '-s', 'read-only', '-C/tmp', '--', '-x'], 'exec', { sandbox: 'read-only', cd: '/tmp' }, ['-x']],
    [['exec', '-m', 'a', '-m', 'b'], 'exec', { model: 'b' }, []],
    [['--yolo'], 'chat', { bypass: true }, []],
    [['sandbox', 'run', '--', 'ls', '-la', '--json'], 'sandbox', {}, ['run', 'ls', '-la', '--json']],
  ])('understands %j', (argv, command, flags, operands) => {
    expect(run(...argv)).toEqual({ command, flags, operands });
  });

  it.each([
    [['--modle', 'x'], '--modle', '--model'],
    [['exec', '--jsonn'], '--jsonn', '--json'],
    [['-z'], '-z', 'unknown'],
    [['exec', '-s', 'readonly'], '"readonly"', 'read-only'],
    [['-a', 'always'], '"always"', 'on-request'],
    [['exec', '--model'], '--model', 'needs a value'],
    [['exec', '--model', '--json'], '--model', 'needs a value'],
    [['exec', '--json=yes'], '--json', '"yes"'],
    [['--json'], '--json', 'the chat'],
    [['sessions', '-m', 'x'], '-m', 'turnstile sessions'],
    [['fix', 'the', 'bug'], '"the"', 'quotes'],
    [['--yolo', '--full-auto'], '--dangerously', '--full-auto'],
  ])('refuses %j in one line that names it', (argv, culprit, remedy) => {
    const parsed = parseArgs(argv);
    expect(parsed.kind).toBe('bad');
    const message = parsed.kind === 'bad' ? parsed.message : '';
    expect(message).toContain(culprit);
    expect(message).toContain(remedy);
    expect(message).not.toContain('\n');
  });

  it('answers --help for everything, before it looks at anything else', () => {
    expect(parseArgs(['--help'])).toEqual({ kind: 'help', command: null });
    expect(parseArgs(['exec', 'resume', '-h', '-s', 'nonsense'])).toMatchObject({
      kind: 'help',
      command: { name: 'exec' },
    });
  });
});
