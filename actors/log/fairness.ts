/**
 * Which sessions an owner takes, where one process knows them all. Tenants take turns: the first of each, then the second of
 * each; whoever runs many already comes later, and nobody runs more than the limit. Pure.
 */
import type { ClaimLimits } from './port.ts';

interface Candidate {
  readonly id: string;
  readonly tenant: string;
  readonly held: object | null;
  /** Whoever ran it is lost. */
  readonly isLost: boolean;
  readonly waiting: readonly { readonly position: number }[];
}

export const choose = <C extends Candidate>(all: readonly C[], { max, perTenant }: ClaimLimits): readonly C[] => {
  const turns = new Map<string, number>();
  for (const { tenant, held } of all) if (held !== null) turns.set(tenant, (turns.get(tenant) ?? 0) + 1);
  return all
    .filter(({ held, isLost, waiting }) => held === null && (isLost || waiting.length > 0))
    .map((candidate) => {
      const turn = (turns.get(candidate.tenant) ?? 0) + 1;
      turns.set(candidate.tenant, turn);
      return { candidate, turn };
    })
    .filter(({ turn }) => turn <= perTenant)
    .sort((a, b) => a.turn - b.turn)
    .slice(0, Math.max(max, 0))
    .map(({ candidate }) => candidate);
};
