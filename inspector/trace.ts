/** What an observer of actors notes, in the order in which things were sent. Plain data; everything shown is made of it. */
import type { Change } from './diff.ts';

export interface GuardSeen {
  readonly name: string;
  readonly value: boolean;
}
export interface TransitionSeen {
  readonly from: string;
  readonly to: readonly string[];
  readonly guard: string | null;
}

/** An event that reached a machine, and what the machine did with it. */
export interface StepSeen {
  readonly kind: 'step';
  readonly actor: number;
  /** Who sent it; null: somebody outside. */
  readonly from: number | null;
  readonly type: string;
  readonly event: unknown;
  /** Events that were waiting before it. */
  readonly queued: number;
  /** How much had been seen when the machine was done with it; 0: it never was. */
  until: number;
  /** Filled in when the machine has dealt with it. `''`: it never did. */
  after: string;
  taken: readonly TransitionSeen[];
  guards: readonly GuardSeen[];
  changes: readonly Change[];
}
/** An action of a machine that says something to the world. */
export interface FactSeen {
  readonly kind: 'fact';
  readonly actor: number;
}
export type Seen = StepSeen | FactSeen;

export interface ActorSeen {
  readonly path: string;
  /** Name of its machine; null for a leaf. */
  readonly machine: string | null;
  readonly parent: number | null;
  /** Places in the list of what was seen. */
  readonly born: number;
  died: number | null;
  status: 'active' | 'done' | 'error' | 'stopped';
}

/** `busy.running`; regions that are active together are joined by `|`. */
export const stateText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([key, inner]) => {
      const deeper = stateText(inner);
      return deeper === ''
        ? key
        : deeper
            .split('|')
            .map((part) => `${key}.${part}`)
            .join('|');
    })
    .join('|');
};
