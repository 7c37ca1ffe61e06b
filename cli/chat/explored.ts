/**
 * Commands that only looked around are told together: what was read is seldom worth a cell each. Pure.
 * They are held until something else happens, so they are still printed once, and in their place.
 */
import type { FactOf } from '../../machines/protocol/index.ts';
import type { Cell } from './cells.ts';
import type { Happening } from './view.ts';

type Finished = FactOf<'call.finished'>;

const LOOKS =
  /^(?:ls|cat|head|tail|nl|wc|rg|grep|egrep|fgrep|find|fd|tree|stat|file|sed -n|git (?:status|log|diff|show|ls-files|grep|blame))(?: [^;&|<>`$()]*)?$/;

export const isLook = ({ view, status, exitCode }: Finished): boolean =>
  view.kind === 'command' && status === 'completed' && (exitCode ?? 0) === 0 && LOOKS.test(view.command.trim());

/** Nothing that is told later may stand before what is held. */
const ends = ({ type }: Happening): boolean =>
  type === 'agent.delta' || type === 'approval.requested' || type.startsWith('turn.') || type === 'session.closed';

/** More in a row are told in another group. */
const MAX_GROUP = 12;

const released = (held: readonly Finished[]): readonly Cell[] =>
  held.length > 1 ? [{ kind: 'explored', facts: held }] : held.map((fact) => ({ kind: 'call', fact }));

export const group = (
  held: readonly Finished[],
  cells: readonly Cell[],
  happening: Happening | null,
): readonly [held: readonly Finished[], cells: readonly Cell[]] => {
  let holding = held;
  const out: Cell[] = [];
  for (const cell of cells) {
    if (cell.kind === 'call' && isLook(cell.fact) && holding.length < MAX_GROUP) {
      holding = [...holding, cell.fact];
      continue;
    }
    out.push(...released(holding), cell);
    holding = [];
  }
  if (happening !== null && ends(happening)) return [[], [...released(holding), ...out]];
  return [holding, out];
};
