import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../machines/protocol/usage.ts';
import type { RuntimeEvent } from '../machines/protocol/index.ts';
import { createNotifier, notification } from './notify.ts';

const started = (task: string): RuntimeEvent => ({ type: 'turn.started', turnId: 't', task, windowSize: 1000 });
const said = (text: string): RuntimeEvent => ({ type: 'items.recorded', turnId: 't', items: [{ type: 'user', text }] });
const ending = { turnId: 't', usage: NO_USAGE, undelivered: [] };
const completed: RuntimeEvent = { type: 'turn.completed', ...ending, lastAgentMessage: 'the answer' };
const failed: RuntimeEvent = {
  type: 'turn.failed',
  ...ending,
  error: { kind: 'crashed', message: 'no' },
  stopped: [],
};

/** Writes its last argument to a file, whole at once. */
const listener = (folder: string): string => {
  const file = join(folder, 'listen.sh');
  writeFileSync(file, '#!/bin/sh\nprintf %s "$2" > "$1.part" && mv "$1.part" "$1"\n', { mode: 0o755 });
  return file;
};

const hearing = (command: (folder: string) => readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'turnstile-notify-'));
  const warnings: string[] = [];
  const notifier = createNotifier({
    ...{ command: command(folder), threadId: 'th', cwd: folder, env: { PATH: '/usr/bin:/bin' }, client: 'tests' },
    warn: (message) => warnings.push(message),
  });
  return { ...notifier, folder, warnings };
};

describe('C.12: notify', () => {
  it('tells of a regular turn that is complete, with one argument of JSON', async () => {
    const { hear, rest, folder, warnings } = hearing((at) => [listener(at), join(at, 'told')]);
    for (const fact of [started('regular'), said('one'), said('two'), completed]) hear(fact);
    await rest();
    await expect.poll(() => existsSync(join(folder, 'told')), { timeout: 10_000 }).toBe(true);
    expect(JSON.parse(readFileSync(join(folder, 'told'), 'utf8'))).toEqual({
      type: 'agent-turn-complete',
      'thread-id': 'th',
      'turn-id': 't',
      cwd: folder,
      client: 'tests',
      'input-messages': ['one', 'two'],
      'last-assistant-message': 'the answer',
    });
    expect(warnings).toEqual([]);
  });

  it.each<[string, readonly RuntimeEvent[]]>([
    ['a turn that failed', [started('regular'), said('one'), failed]],
    ['a task of another kind', [started('compact'), completed]],
  ])('is silent about %s', async (_, facts) => {
    // Whoever is started is not there, so a start would be seen as a warning.
    const { hear, rest, warnings } = hearing((at) => [join(at, 'nobody')]);
    for (const fact of facts) hear(fact);
    await rest();
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });

  it('makes a warning of a program that is not there, or that cannot be given its arguments', async () => {
    for (const command of [['/nowhere/at-all'], ['/bin/echo', 'a\0b']]) {
      const { hear, rest, warnings } = hearing(() => command);
      for (const fact of [started('regular'), completed]) hear(fact);
      await rest();
      await expect.poll(() => warnings).toEqual([expect.stringMatching(/^notify: .* could not be started/)]);
    }
  });

  it('cuts what is longer than one argument may be', () => {
    const words = Array.from({ length: 100 }, () => '\u0001'.repeat(100_000));
    const about = { threadId: 'th', cwd: '/', client: 'tests' };
    const written = notification(about, { turnId: 't', lastAgentMessage: words.join('') }, words);
    expect(Buffer.byteLength(written)).toBeLessThanOrEqual(100_000);
    expect(JSON.parse(written)['input-messages']).toHaveLength(32);
  });
});
