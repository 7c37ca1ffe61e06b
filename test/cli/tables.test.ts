import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { CHAT, COMMANDS } from '../../cli/commands.ts';
import { run as completion } from '../../cli/completion.ts';
import { FLAG_NAMES, FLAGS } from '../../cli/flags.ts';
import { helpText } from '../../cli/help.ts';
import { exitCodeOf } from '../../cli/exit-code.ts';
import { ErrorKind } from '../../machines/protocol/index.ts';
import { runMode } from './fakes.ts';

describe('the tables of flags and commands', () => {
  it('name no flag twice, and use each somewhere', () => {
    const spellings = FLAG_NAMES.flatMap((name) => {
      const spec: { name: string; short?: string; aliases?: readonly string[] } = FLAGS[name];
      return [spec.name, ...(spec.aliases ?? []), ...(spec.short === undefined ? [] : [spec.short])];
    });
    expect(new Set(spellings).size).toBe(spellings.length);
    const used = new Set([...COMMANDS, CHAT].flatMap(({ flags }) => flags));
    expect(FLAG_NAMES.filter((name) => !used.has(name))).toEqual(['help', 'version']);
  });

  it('are told in full by --help', () => {
    for (const command of COMMANDS) {
      expect(helpText(null)).toContain(command.name);
      for (const name of command.flags) expect(helpText(command)).toContain(`--${FLAGS[name].name}`);
    }
  });

  it.each(['bash', 'zsh', 'fish'])('are completed by %s', async (shell) => {
    const { out } = await runMode(completion, { operands: [shell] });
    for (const { name } of COMMANDS) expect(out).toContain(name);
    expect(out).toContain('ask-for-approval');
    const parsed = spawnSync(shell, ['-n'], { input: out, encoding: 'utf8' });
    if (parsed.error === undefined) expect(parsed.stderr).toBe('');
    else console.info(`${shell} is not installed: its syntax was not checked`);
  });
});

describe('5d: exit codes', () => {
  const failed = (kind: ErrorKind) =>
    exitCodeOf(
      {
        type: 'turn.failed',
        turnId: 't',
        usage: { input: 0, cachedInput: 0, output: 0, reasoningOutput: 0 },
        undelivered: [],
        stopped: [],
        error: { kind, message: '' },
      },
      null,
    );

  it('are what the page says, for every way in which a turn can fail', () => {
    const codes = Object.fromEntries(ErrorKind.options.map((kind) => [kind, failed(kind)]));
    expect(Object.entries(codes).filter(([, code]) => code !== 1)).toEqual([
      ['contextWindowExceeded', 4],
      ['compactionFutile', 4],
      ['loopDetected', 8],
      ['limitReached', 8],
      ['sandboxUnavailable', 6],
      ['approvalUnavailable', 3],
      ['schemaMismatch', 5],
    ]);
  });
});
