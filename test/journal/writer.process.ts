/** A process that does nothing but journal: tells of each record after it was appended, until it is killed. */
import { writeSync } from 'node:fs';
import { createRedactor } from '../../actors/journal/secrets.ts';
import { createJournal } from '../../actors/journal/writer.ts';

const [home = '', pad = '0', until = 'Infinity'] = process.argv.slice(2);
const tell = (words: string) => writeSync(1, `${words}\n`);

const journal = createJournal({
  home,
  id: 'child',
  head: {
    ...{ cwd: '/', version: '0', node: process.version, model: 'm', provider: 'p', machines: {} },
    ...{ approval: 'never', sandbox: null },
  },
  now: Date.now,
  redactor: createRedactor({ salt: 'child' }),
  onTrouble: (trouble) => tell(`trouble ${trouble.kind}`),
});
tell(`file ${journal.file}`);

const write = (n: number): void => {
  const event = { type: 'op.say', id: `op-${n}`, text: `words ${n} ${'·'.repeat(Number(pad))}` };
  const appended = journal.append({ kind: 'input', to: 'session', from: 'user', cause: null, event });
  tell(appended.kind === 'fenced' ? `fenced ${appended.by?.epoch}` : `${appended.kind} ${n + 1}`);
};
const run = (n: number): void => {
  if (n >= Number(until)) {
    tell(journal.close().kind);
    return;
  }
  write(n);
  setImmediate(run, n + 1);
};
run(0);
