/**
 * The charts under a machine, each with a hash of what it looks like. A journal keeps the hashes, so that a replay on
 * other charts says so. Pure.
 *
 * Functions count as one another: their text differs between the sources and a build, while the chart is the same.
 */
import type { AnyStateMachine } from 'xstate';

const isMachine = (logic: unknown): logic is AnyStateMachine =>
  typeof logic === 'object' && logic !== null && 'config' in logic && 'root' in logic;

/** This machine and every machine that it may give birth to, by name, outermost first. */
export const chartsOf = (machine: AnyStateMachine): ReadonlyMap<string, AnyStateMachine> => {
  const found = new Map<string, AnyStateMachine>();
  const visit = (chart: AnyStateMachine): void => {
    if (found.has(chart.id)) return;
    found.set(chart.id, chart);
    for (const logic of Object.values(chart.implementations.actors)) if (isMachine(logic)) visit(logic);
  };
  visit(machine);
  return found;
};

/** What a guard is called; a combination is called by its parts. */
export const guardName = (guard: unknown): string | null => {
  if (guard === undefined || guard === null) return null;
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'object' && 'type' in guard) {
    const params = 'params' in guard && typeof guard.params === 'string' ? ` ${guard.params}` : '';
    return `${String(guard.type)}${params}`;
  }
  if (typeof guard !== 'function') return null;
  if (!('guards' in guard) || !Array.isArray(guard.guards)) return '(in line)';
  return guard.guards.map(guardName).join(' and ');
};

const canonical = (value: unknown): unknown => {
  if (typeof value === 'function') {
    const parts = 'guards' in value && Array.isArray(value.guards) ? canonical(value.guards) : null;
    return parts === null ? 'ƒ' : ['ƒ', parts];
  }
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([key, part]) => [key, canonical(part)]),
  );
};

const FNV_PRIME = 0x01000193;
/** Two passes of 32 bits from different beginnings: one of 64 would need BigInt, which costs a start of the program dearly. */
const SEEDS = [0x811c9dc5, 0x9e3779b9] as const;

const hash32 = (text: string, seed: number): string => {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  return (hash >>> 0).toString(16).padStart(8, '0');
};

/** 16 hexadecimal digits. It tells versions apart and protects from nobody. */
export const chartHash = ({ config }: AnyStateMachine): string => {
  const text = JSON.stringify(canonical(config));
  return SEEDS.map((seed) => hash32(text, seed)).join('');
};

export const chartHashes = (machine: AnyStateMachine): Readonly<Record<string, string>> =>
  Object.fromEntries([...chartsOf(machine)].map(([name, chart]) => [name, chartHash(chart)]));
