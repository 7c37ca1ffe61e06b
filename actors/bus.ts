/**
 * The one road sideways: facts and deltas of a session, in one order, numbered and dated. The only clock is here.
 * A fact gets a new number; a delta shares the number of the fact before it.
 */
import { Observable, Subject } from 'rxjs';
import type { Delta, RuntimeEvent, Stamped } from '../machines/protocol/index.ts';

export interface Bus {
  /** For clients: the first of them also hears what was said before it came. */
  readonly events: Observable<Stamped<RuntimeEvent | Delta>>;
  readonly live: Observable<Stamped<RuntimeEvent | Delta>>;
  publish(fact: RuntimeEvent, at: number): void;
  delta(delta: Delta): void;
  close(): void;
}

export const createBus = (now: () => number): Bus => {
  const subject = new Subject<Stamped<RuntimeEvent | Delta>>();
  const count = { seq: 0 };
  const early: { kept: Stamped<RuntimeEvent>[] | null } = { kept: [] };
  return {
    live: subject.asObservable(),
    events: new Observable((client) => {
      const { kept } = early;
      early.kept = null;
      for (const fact of kept ?? []) client.next(fact);
      return subject.subscribe(client);
    }),
    publish: (fact, at) => {
      const stamped = { ...fact, seq: ++count.seq, at };
      early.kept?.push(stamped);
      subject.next(stamped);
    },
    delta: (delta) => {
      if (subject.observed) subject.next({ ...delta, seq: count.seq, at: now() });
    },
    close: () => subject.complete(),
  };
};
