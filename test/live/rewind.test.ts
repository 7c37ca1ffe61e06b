/** Conversation and files taken back together, live: real commands, a real patch, a real journal. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readJournal, blobsOf } from '../../actors/journal/reader.ts';
import { replay } from '../../actors/replay/replay.ts';
import type { Turn } from '../model-server/scenario.ts';
import { judge } from './judge.ts';
import { follow, live, say, shell, type Followed, type Live, type Wanted } from './stage.ts';

const open: Live[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const patch = (...lines: readonly string[]): Turn => ({
  items: [{ type: 'patch', patch: ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n') }],
});
const begin = async (wanted: Wanted): Promise<Live> => {
  const on = await live(wanted);
  open.push(on);
  return on;
};
const turn = async (on: Followed, n: number) => {
  await on.say(`turn ${n}`);
  expect(await on.ended(n)).toMatchObject({ type: 'turn.completed' });
};
const back = async (on: Followed, turns: number, nth = 0) => {
  expect(await on.submit({ type: 'op.rewind', turns, files: true })).toMatchObject({ kind: 'accepted' });
  const { files } = await on.nth('history.rewound', nth);
  judge(on);
  return files;
};
const saved = (on: Live): readonly string[] => {
  const place = join(on.folder, 'home', 'sessions', 'files');
  return existsSync(place) ? readdirSync(place) : [];
};
const isIdentical = (on: Live, file: string) => {
  const { head, records } = readJournal(file, { blobs: blobsOf(join(on.folder, 'home')) });
  return replay({ head, records });
};

describe.each([['danger-full-access'], ['workspace-write']] as const)('files in %s', (sandbox) => {
  it('are as they were before the turn: created, changed, deleted, renamed, another mode, by commands and a patch', async () => {
    const on = await begin({
      turns: [
        shell(
          'echo made > made; echo more >> changed; rm gone; mv from to; chmod 700 mode; mkdir -p d/e; echo x > d/e/f',
        ),
        patch(
          '*** Update File: patched',
          '@@',
          '-one',
          '+two',
          '*** Add File: added',
          '+new',
          '*** Delete File: dropped',
        ),
        say('done'),
      ],
      flags: { sandbox },
    });
    const at = (name: string) => join(on.folder, name);
    for (const name of ['changed', 'gone', 'from', 'mode', 'dropped']) writeFileSync(at(name), `${name}\n`);
    writeFileSync(at('patched'), 'one\n');
    chmodSync(at('mode'), 0o640);
    await turn(on, 0);
    expect(readFileSync(at('patched'), 'utf8')).toBe('two\n');
    expect(existsSync(at('d/e/f'))).toBe(true);
    const files = await back(on, 1);
    expect(files?.kept).toEqual([]);
    for (const name of ['changed', 'gone', 'from', 'mode', 'dropped'])
      expect(readFileSync(at(name), 'utf8')).toBe(`${name}\n`);
    expect(readFileSync(at('patched'), 'utf8')).toBe('one\n');
    expect(statSync(at('mode')).mode & 0o777).toBe(0o640);
    expect(['made', 'to', 'd', 'added'].filter((name) => existsSync(at(name)))).toEqual([]);
    expect(on.session.view().history.filter(({ type }) => type === 'user')).toEqual([]);
  });
});

describe('a rewind of files', () => {
  it('goes two turns back after the session was resumed, and its journal replays', async () => {
    const on = await begin({ turns: [shell('echo 1 > a'), say('one'), shell('echo 2 > a; echo b > b'), say('two')] });
    writeFileSync(join(on.folder, 'a'), '0\n');
    await turn(on, 0);
    await turn(on, 1);
    const file = on.session.journal ?? '';
    await on.session.close();
    const again = follow(await on.runtime.open({ resume: { file } }));
    await again.nth('session.configured');
    const files = await back(again, 2);
    expect(files).toMatchObject({ kept: [], notCovered: [] });
    expect([...(files?.restored ?? [])].sort()).toEqual([join(on.folder, 'a'), join(on.folder, 'b')]);
    expect(readFileSync(join(on.folder, 'a'), 'utf8')).toBe('0\n');
    await again.session.close();
    expect(isIdentical(on, file)).toMatchObject({ kind: 'identical', lives: 2 });
  });

  it('keeps what was edited by hand since, and names it; a link that was put in the way leads nowhere', async () => {
    const on = await begin({ turns: [shell('echo 1 > mine; echo 1 > d/inner; echo 1 > plain'), say('done')] });
    const at = (name: string) => join(on.folder, name);
    mkdirSync(at('d'));
    mkdirSync(at('elsewhere'));
    for (const name of ['mine', 'd/inner', 'plain']) writeFileSync(at(name), '0\n');
    await turn(on, 0);
    writeFileSync(at('mine'), 'by hand\n');
    writeFileSync(at('elsewhere/inner'), '1\n');
    renameSync(at('d'), at('d.old'));
    symlinkSync(at('elsewhere'), at('d'));
    const files = await back(on, 1);
    expect(files?.kept.map(({ path }) => path)).toEqual(expect.arrayContaining([at('mine'), at('d/inner')]));
    expect(files?.restored).toEqual([at('plain')]);
    expect([readFileSync(at('mine'), 'utf8'), readFileSync(at('elsewhere/inner'), 'utf8')]).toEqual([
      'by hand\n',
      '1\n',
    ]);
  });

  it('says which command may write again, and what a forked session does not know', async () => {
    const on = await begin({
      turns: [
        { items: [{ type: 'call', name: 'exec_command', args: { cmd: 'echo x > a; sleep 600', yield_time_ms: 250 } }] },
        say('left'),
      ],
    });
    await turn(on, 0);
    const copy = follow(await on.runtime.open({ fork: { file: on.session.journal ?? '' } }));
    await copy.nth('session.configured');
    expect((await back(copy, 1))?.notCovered).toEqual(['what was done before this session began']);
    expect(existsSync(join(on.folder, 'a'))).toBe(true);
    const files = await back(on, 1);
    expect(files?.notCovered).toEqual([expect.stringMatching(/still runs may write again: .*sleep 600/)]);
    expect(existsSync(join(on.folder, 'a'))).toBe(false);
  });

  it('costs nothing where nothing may write: no call, or a sandbox that may only read', async () => {
    const on = await begin({
      turns: [say('just words'), shell('cat a'), say('read it')],
      flags: { sandbox: 'read-only' },
    });
    writeFileSync(join(on.folder, 'a'), 'x');
    await turn(on, 0);
    await turn(on, 1);
    expect(on.of('call.finished')[0]).toMatchObject({ status: 'completed' });
    expect(saved(on)).toEqual([]);
    expect(await back(on, 2)).toEqual({ restored: [], kept: [], notCovered: [] });
  });

  it('can be cancelled before its command runs, and leaves the command unstarted', async () => {
    const on = await begin({ turns: [shell('echo ran > ran'), say('done')] });
    for (let n = 0; n < 2_000; n++) writeFileSync(join(on.folder, `f${n}`), `${n}`);
    await on.say('go');
    await on.nth('call.started');
    await on.interrupt();
    expect(await on.ended()).toMatchObject({ type: 'turn.aborted' });
    judge(on);
    const ran = existsSync(join(on.folder, 'ran'));
    await back(on, 1);
    expect([ran && existsSync(join(on.folder, 'ran')), existsSync(join(on.folder, 'f0'))]).toEqual([false, true]);
  });
});
