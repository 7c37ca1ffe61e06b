/** Events through the tree: XState alone on these charts, with the bus, and with the recorder and its journal on disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBus } from '../../actors/bus.ts';
import { createRedactor } from '../../actors/journal/secrets.ts';
import { createJournal } from '../../actors/journal/writer.ts';
import { createRecorder } from '../../actors/recorder.ts';
import { cpuMs, middle, rounded, type Row } from './kit.ts';
import { newTree } from './tree.ts';

const TURNS = 300;
const ROUNDS = 7;
const NOTHING = { publish: () => {}, sweep: () => {} };

const eventsOfTurn = async (): Promise<number> => {
  const count = { events: 0 };
  const tree = newTree(NOTHING, ({ type }) => void (type === '@xstate.event' && count.events++));
  await tree.open();
  count.events = 0;
  await tree.turn();
  tree.close();
  return count.events;
};

const withBus = () => {
  const bus = createBus(Date.now);
  bus.events.subscribe();
  return newTree({ ...NOTHING, publish: (_, fact) => bus.publish(fact, Date.now()) });
};

/** What observing costs when nothing is written: the recorder with a journal that only counts. */
const withRecorder = () => {
  const bus = createBus(Date.now);
  bus.events.subscribe();
  const count = { seq: 0 };
  const recorder = createRecorder({ append: () => ({ kind: 'kept', seq: ++count.seq }) });
  return newTree({ ...NOTHING, publish: (_, fact) => bus.publish(fact, Date.now()) }, recorder.inspect);
};

const withJournal = (home: string, n: number) => {
  const bus = createBus(Date.now);
  bus.events.subscribe();
  const journal = createJournal({
    home,
    id: `figures-${n}`,
    head: {
      cwd: '/',
      version: '0',
      node: process.version,
      model: 'm',
      provider: 'p',
      machines: {},
      approval: 'never',
      sandbox: 'none',
    },
    now: Date.now,
    redactor: createRedactor({ env: {}, secrets: [], salt: 'figures' }),
  });
  const recorder = createRecorder(journal);
  return newTree(
    {
      ...NOTHING,
      publish: (_, fact) => {
        journal.append({ kind: 'fact', fact, cause: recorder.cause() }, Date.now());
        bus.publish(fact, Date.now());
      },
    },
    recorder.inspect,
  );
};

/** Microseconds of the processor for one turn. */
const costOf = async (tree: ReturnType<typeof newTree>): Promise<number> => {
  await tree.open();
  for (let n = 0; n < TURNS / 4; n++) await tree.turn();
  const before = cpuMs();
  for (let n = 0; n < TURNS; n++) await tree.turn();
  const cost = cpuMs() - before;
  tree.close();
  return (cost * 1_000) / TURNS;
};

export const measure = async (): Promise<readonly Row[]> => {
  const home = mkdtempSync(join(tmpdir(), 'turnstile-figures-'));
  const events = await eventsOfTurn();
  const costs: { bare: number[]; bus: number[]; recorder: number[]; journal: number[] } = {
    bare: [],
    bus: [],
    recorder: [],
    journal: [],
  };
  await costOf(newTree(NOTHING)); // warm
  for (let round = 0; round < ROUNDS; round++) {
    costs.bare.push(await costOf(newTree(NOTHING)));
    costs.bus.push(await costOf(withBus()));
    costs.recorder.push(await costOf(withRecorder()));
    costs.journal.push(await costOf(withJournal(home, round)));
  }
  rmSync(home, { recursive: true });
  const [bare, bus, recorder, journal] = [costs.bare, costs.bus, costs.recorder, costs.journal].map(middle) as [
    number,
    number,
    number,
    number,
  ];
  const perSecond = (cost: number) => `${rounded((events * 1_000_000) / cost)} events/s`;
  const times = (cost: number) => `${rounded(cost / bare, 2)} ×`;
  return [
    { what: `one turn (3 calls) is ${events} events; XState alone`, figure: perSecond(bare) },
    { what: 'with the bus', figure: `${perSecond(bus)}, ${times(bus)} the time` },
    { what: 'with the bus and the recorder', figure: `${perSecond(recorder)}, ${times(recorder)} the time` },
    {
      what: 'with a journal on disk, made to last at each ending',
      figure: `${perSecond(journal)}, ${times(journal)} the time`,
    },
  ];
};
