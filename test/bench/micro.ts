/** The machinery in one process: events through the tree of machines, and deltas through the bus, beside what they are built on. */
import { Subject } from 'rxjs';
import { Bench } from 'tinybench';
import { createBus } from '../../actors/bus.ts';
import { createRecorder } from '../../actors/recorder.ts';
import type { Delta } from '../../machines/protocol/index.ts';
import { cpuMs } from '../figures/kit.ts';
import { newTree } from '../figures/tree.ts';
import { typical, type Row } from './row.ts';

const NOTHING = { publish: () => {}, sweep: () => {} };
const DELTAS_AT_ONCE = 1_000;
const ROUNDS = 8;
const DELTA: Delta = { type: 'agent.delta', turnId: 't', text: 'word ' };

/** Observed and told to whoever listens, as in the program; the journal's disk is not in it. */
const observed = () => {
  const bus = createBus(Date.now);
  bus.events.subscribe();
  const count = { seq: 0 };
  const recorder = createRecorder({ append: () => ({ kind: 'kept', seq: ++count.seq }) });
  return newTree({ ...NOTHING, publish: (_, fact) => bus.publish(fact, Date.now()) }, recorder.inspect);
};

export const measureMicro = async (): Promise<readonly Row[]> => {
  const [bare, ours] = [newTree(NOTHING), observed()];
  await Promise.all([bare.open(), ours.open()]);
  const bus = createBus(Date.now);
  const subject = new Subject<Delta>();
  const seen = { chars: 0 };
  const take = (event: { readonly type: string; readonly text?: string }) =>
    void (seen.chars += event.text?.length ?? 0);
  bus.events.subscribe(take);
  subject.subscribe(take);
  const times = (send: () => void) => () => {
    for (let n = 0; n < DELTAS_AT_ONCE; n++) send();
  };

  // Short rounds in turn, in time of the processor: what else the machine does hits both, and shows in few of them.
  const costs = new Map<string, number[]>();
  for (let round = 0; round < ROUNDS; round++) {
    const bench = new Bench({ now: cpuMs, time: 60, warmupTime: 30, throws: true });
    bench
      .add('turn, bare', () => bare.turn())
      .add('turn', () => ours.turn())
      .add(
        'delta, bare',
        times(() => subject.next({ ...DELTA })),
      )
      .add(
        'delta',
        times(() => bus.delta({ ...DELTA })),
      );
    await bench.run();
    for (const { name, result } of bench.tasks)
      if ('latency' in result) costs.set(name, [...(costs.get(name) ?? []), result.latency.p50 * 1_000]);
  }
  bare.close();
  ours.close();
  bus.close();
  const usOf = (name: string): number => typical(costs.get(name) ?? []);
  const row = (name: string, task: string, what: string): Row => {
    const [mine, baseline] = [usOf(task), usOf(`${task}, bare`)];
    return { name, what, ratio: mine / baseline, ours: mine, baseline, unit: 'µs' };
  };
  return [
    row('events', 'turn', 'a turn through the machines, observed and told : the charts alone'),
    row('delta', 'delta', `${DELTAS_AT_ONCE} deltas through the bus, numbered and dated : a bare Subject`),
  ];
};
