/** Words that stream: through the bus, beside a bare Subject of RxJS. */
import { Subject } from 'rxjs';
import { createBus } from '../../actors/bus.ts';
import type { Delta } from '../../machines/protocol/index.ts';
import { middle, rounded, type Row } from './kit.ts';

const DELTAS = 200_000;
const ROUNDS = 9;

/** Nanoseconds for one. */
const costOf = (send: (delta: Delta) => void): number => {
  const before = performance.now();
  for (let n = 0; n < DELTAS; n++) send({ type: 'agent.delta', turnId: 't', text: 'word ' });
  return ((performance.now() - before) * 1_000_000) / DELTAS;
};

export const measure = async (): Promise<readonly Row[]> => {
  const seen = { chars: 0 };
  const bus = createBus(Date.now);
  bus.events.subscribe((event) => void (event.type === 'agent.delta' && (seen.chars += event.text.length)));
  const bare = new Subject<Delta & { readonly seq: number; readonly at: number }>();
  bare.subscribe((event) => void (event.type === 'agent.delta' && (seen.chars += event.text.length)));
  const rounds = Array.from({ length: ROUNDS }, () => ({
    bus: costOf(bus.delta),
    bare: costOf((delta) => bare.next({ ...delta, seq: 0, at: Date.now() })),
    plain: costOf((delta) => bare.next(delta as Delta & { readonly seq: number; readonly at: number })),
  }));
  const [bussed, stamped, plain] = (['bus', 'bare', 'plain'] as const).map((of) => middle(rounds.map((r) => r[of])));
  return [
    { what: 'through the bus', figure: `${rounded(bussed ?? 0)} ns` },
    { what: 'through a bare Subject, dated and numbered as well', figure: `${rounded(stamped ?? 0)} ns` },
    {
      what: 'through a bare Subject',
      figure: `${rounded(plain ?? 0)} ns, ${rounded((bussed ?? 0) / (plain ?? 1), 2)} ×`,
    },
  ];
};
