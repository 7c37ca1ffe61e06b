/**
 * Several attempts in one sandbox, one shell each, since to build a sandbox and to look at the host costs more than most
 * attempts do. What a batch shows is only that all of it was held: at the slightest sign of anything else, whoever is not
 * known to have been held is tried alone, and what is found then counts. `TURNSTILE_DEEP=1` tries each alone from the start.
 */
import type { Attempt } from './attempt.ts';
import { judge, PRELUDE, type Stage } from './judge.ts';

/** Attempts that share a sandbox; the more there are, the more of them one that goes wrong takes along. */
const MAX_BATCH = 16;
/** As long as one alone may take. */
const SECONDS_EACH = 10;
const isDeep = process.env['TURNSTILE_DEEP'] === '1';

const DRIVER = `n=0; for s; do n=$((n+1)); echo "@@begin $n"; timeout -s KILL ${SECONDS_EACH} /bin/bash -c "$s" </dev/null 2>&1; echo "@@end $n $?"; done`;

/** With a world of its own in nothing. Who looks for its parent would find the driver. */
const mayShare = ({ argv, env, cwd, input, timeoutMs, script }: Attempt): boolean =>
  [argv, env, cwd, input, timeoutMs].every((part) => part === undefined) && !script.includes('PPID');

const partsOf = (attempts: readonly Attempt[]): readonly (readonly Attempt[])[] => {
  const parts: Attempt[][] = [];
  for (const attempt of attempts) {
    const last = parts.at(-1);
    const fits = last !== undefined && last.length < MAX_BATCH && last[0]?.policy === attempt.policy;
    if (fits && mayShare(attempt) && last.every(mayShare)) last.push(attempt);
    else parts.push([attempt]);
  }
  return parts;
};

/** Those that were certainly held. */
const heldTogether = async (part: readonly Attempt[], stage: Stage): Promise<ReadonlySet<Attempt>> => {
  const held = new Set<Attempt>();
  const [first] = part;
  const all: Attempt = {
    name: 'several',
    script: '',
    argv: ['/bin/bash', '-c', DRIVER, 'several', ...part.map(({ script }) => PRELUDE + script)],
    timeoutMs: part.length * SECONDS_EACH * 1_000,
    ...(first?.policy === undefined ? {} : { policy: first.policy }),
    expect: (ran, world, terrain) => {
      for (const [at, attempt] of part.entries()) {
        const said = new RegExp(`^@@begin ${at + 1}\n([^]*?)^@@end ${at + 1} (\\d+)$`, 'm').exec(ran.output);
        if (said === null) continue;
        const alone = { ending: { kind: 'exited', code: Number(said[2]) }, output: said[1] ?? '' } as const;
        if ((attempt.expect?.(alone, world, terrain) ?? null) === null) held.add(attempt);
      }
      return null;
    },
  };
  return (await judge(all, stage)) === null ? held : new Set();
};

/** What went wrong, by attempt. Empty: all of them were held. */
export const judgeAll = async (
  attempts: readonly Attempt[],
  stage: Stage,
): Promise<readonly (readonly [Attempt, string])[]> => {
  const broken: [Attempt, string][] = [];
  for (const part of isDeep ? attempts.map((attempt) => [attempt]) : partsOf(attempts)) {
    const held = part.length > 1 ? await heldTogether(part, stage) : new Set();
    for (const attempt of part.filter((one) => !held.has(one))) {
      const found = await judge(attempt, stage);
      if (found !== null) broken.push([attempt, found]);
    }
  }
  return broken;
};
