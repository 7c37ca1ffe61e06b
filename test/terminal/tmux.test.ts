/** The chat in a real terminal, by hand as it were: keys in, the screen read as text. */
import { afterEach, describe, expect, it } from 'vitest';
import { openPane, type Pane } from './tmux.ts';

const open: Pane[] = [];
const pane = async (...args: Parameters<typeof openPane>): Promise<Pane> => {
  const opened = await openPane(...args);
  open.push(opened);
  return opened;
};
afterEach(() => {
  for (const one of open.splice(0)) one.end();
});

const leave = async (chat: Pane): Promise<number> => {
  await chat.keys('C-c');
  await chat.shows('once more quits');
  await chat.keys('C-c');
  return chat.exitCode();
};

describe('the chat in a terminal', () => {
  it('answers, tells the keys of the moment, and leaves the shell as it was', { timeout: 60_000 }, async () => {
    const chat = await pane([], { script: [[{ type: 'text', text: '| a | b |\n|---|---|\n| 1 | 2 |\n\n**done**' }]] });
    await chat.shows('/help lists');
    await chat.text('?');
    expect(await chat.shows('begins a turn')).not.toMatch(/esc +interrupts/);
    await chat.text('say it');
    await chat.keys('Enter');
    const screen = await chat.shows('done in');
    expect(screen).toContain(['› say it', '', '• a │ b', '  ──┼──', '  1 │ 2', '', '  done'].join('\n'));
    expect(screen).toMatch(/ready · ctx \d+%/);
    expect(await leave(chat)).toBe(0);
    expect(await chat.screen()).toMatch(/ended with 0\n/);
  });

  it('stops a command by Esc, with a receipt, and gives the queue back', { timeout: 60_000 }, async () => {
    const chat = await pane([], { script: [[{ type: 'shell', command: 'echo begun; sleep 300' }]] });
    await chat.shows('/help lists');
    await chat.text('go');
    await chat.keys('Enter');
    await chat.shows('begun');
    await chat.text('and then this');
    await chat.keys('Tab');
    await chat.shows('next turn: and then this');
    await chat.keys('Escape');
    const screen = await chat.shows(/■ interrupted by you after .* \(aborting \d+ ms\)/);
    expect(screen).toMatch(/stopped +.*sleep 300.* · \d+ · SIG/);
    expect(screen).toContain('› and then this');
    await chat.keys('C-c');
    expect(await leave(chat)).toBe(0);
  });

  it('asks with why, now and if yes; a no with words goes on', { timeout: 60_000 }, async () => {
    const chat = await pane(['-s', 'read-only', '-a', 'on-request'], {
      script: [
        [
          {
            type: 'call',
            name: 'shell',
            args: { command: 'true', with_escalated_permissions: true, justification: 'j' },
          },
        ],
        [{ type: 'text', text: 'as you wish' }],
      ],
    });
    await chat.shows('/help lists');
    await chat.text('go');
    await chat.keys('Enter');
    const asked = await chat.shows('if yes');
    for (const part of ['? approve 1/1', '$ true', 'why', 'now', 'the model says: “j”']) expect(asked).toContain(part);
    await new Promise((resolve) => setTimeout(resolve, 500)); // keys within GUARD_MS of a question are no answer
    await chat.keys('d');
    await chat.shows('no, because');
    await chat.text('not today');
    await chat.keys('Enter');
    const screen = await chat.shows('as you wish');
    expect(screen).toMatch(/○ \$ true[\s\S]*declined/);
    expect(await leave(chat)).toBe(0);
  });

  it('keeps each line once while the window is resized', { timeout: 60_000 }, async () => {
    const lines = Array.from({ length: 40 }, (_, i) => `line ${i} of forty.`);
    const chat = await pane([], { script: [[{ type: 'text', text: lines.join('\n'), gap_ms: 5 }]] });
    await chat.shows('/help lists');
    await chat.text('go');
    await chat.keys('Enter');
    for (const [columns, rows] of [
      [60, 20],
      [100, 30],
      [45, 12],
    ] as const)
      await chat.resize(columns, rows);
    await chat.shows('done in');
    const all = await chat.screen(true);
    for (const line of lines) expect(all.split(line).length - 1, line).toBe(1);
    expect(await leave(chat)).toBe(0);
  });
});

describe('going elsewhere', () => {
  it(
    'rewinds to words of the user, which are in the editor again; forks; resumes from a list',
    { timeout: 90_000 },
    async () => {
      const chat = await pane([], { script: [[{ type: 'text', text: 'an answer' }]] });
      await chat.shows('/help lists');
      for (const [nth, words] of ['first thing', 'second thing'].entries()) {
        await chat.text(words);
        await chat.keys('Enter');
        await chat.shows(new RegExp(`(done in[\\s\\S]*){${nth + 1}}`));
      }
      await chat.keys('Escape');
      await chat.shows('Esc again');
      await chat.keys('Escape');
      expect(await chat.shows('go back to before which')).toMatch(/› second thing\n +first thing/);
      await chat.keys('Enter');
      await chat.shows('took back 1 turn');
      await chat.shows(/\n› second thing\n/);
      await chat.keys('C-c');
      await chat.text('/fork');
      await chat.keys('Enter');
      await chat.shows('a copy that ends before which');
      await chat.text('whole conv');
      await chat.keys('Enter');
      await chat.shows('this is now a copy, session');
      await chat.text('/resume');
      await chat.keys('Enter');
      await chat.shows('go on with which session?');
      await chat.keys('Escape');
      await chat.shows(/ready/);
      expect(await leave(chat)).toBe(0);
    },
  );
});
