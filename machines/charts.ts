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

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** 64 bits, 16 hexadecimal digits. It tells versions apart and protects from nobody. */
export const chartHash = ({ config }: AnyStateMachine): string => {
  let hash = FNV_OFFSET;
  for (const byte of new TextEncoder().encode(JSON.stringify(canonical(config))))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * FNV_PRIME);
  return hash.toString(16).padStart(16, '0');
};

export const chartHashes = (machine: AnyStateMachine): Readonly<Record<string, string>> =>
  Object.fromEntries([...chartsOf(machine)].map(([name, chart]) => [name, chartHash(chart)]));
