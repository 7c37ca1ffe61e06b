/**
 * The one road sideways: facts and deltas of a session, in one order, numbered and dated. The only clock is here.
 * A fact gets a new number; a delta shares the number of the fact before it.
 */
import { Subject, type Observable } from 'rxjs';
import type { Delta, RuntimeEvent, Stamped } from '../machines/protocol/index.ts';

export interface Bus {
  readonly events: Observable<Stamped<RuntimeEvent | Delta>>;
  publish(fact: RuntimeEvent, at: number): void;
  delta(delta: Delta): void;
  close(): void;
}

export const createBus = (now: () => number): Bus => {
  const subject = new Subject<Stamped<RuntimeEvent | Delta>>();
  const count = { seq: 0 };
  return {
    events: subject.asObservable(),
    publish: (fact, at) => subject.next({ ...fact, seq: ++count.seq, at }),
    delta: (delta) => {
      if (subject.observed) subject.next({ ...delta, seq: count.seq, at: now() });
    },
    close: () => subject.complete(),
  };
};
