/** A command that leaves behind every kind of descendant there is, each recognisable in /proc by a word in its arguments. */
import { randomUUID } from 'node:crypto';
import { alive } from '../processes/bench.ts';

const OF_EACH_KIND = 10;
/** The five kinds below, together. */
export const DESCENDANTS = 5 * OF_EACH_KIND;

export const newBrood = () => {
  const marker = `brood-${randomUUID()}`;
  /** Every child is one process: a shell that waits in itself, for at most a minute. */
  const child = (before = '') => `bash -c '${before} read -t 60 <> <(:)' ${marker}`;
  const stubborn = `bash -c 'trap "" TERM INT HUP; while (( SECONDS < 60 )); do read -t 1 <> <(:); done' ${marker}`;
  const kinds = [
    `${child()} &`,
    `setsid ${child()} &`,
    `(setsid ${child()} <&- >&- 2>&- &) `,
    `${stubborn} &`,
    `setsid ${stubborn} >/dev/null 2>&1 &`,
  ];
  const script = `for i in {1..${OF_EACH_KIND}}; do ${kinds.join('\n')}\ndone; echo begun; wait`;
  return { script, living: () => alive(marker) };
};
