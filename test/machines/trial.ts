/** Tries one fault in a worker of its own, which may neither hang nor eat up the memory. */
import { Worker } from 'node:worker_threads';
import type { MutantData, MutantSays } from './mutant.ts';
import { JUDGE_NAMES, type Fault, type JudgeName } from './faults.ts';

/** For one look at one fault; each judge has less than a third of it. Milliseconds. */
const PATIENCE_MS = 70_000;
const MEMORY_MB = 512;

export interface Trial {
  /** What each judge said that noticed something. */
  readonly noticed: Partial<Readonly<Record<JudgeName, string>>>;
  /** The trial itself went wrong: nothing is known of the fault. */
  readonly spoilt: string | null;
}

export const isCaught = ({ noticed, spoilt }: Trial): boolean => spoilt === null && Object.keys(noticed).length > 0;

export interface TrialOptions {
  readonly judges?: readonly JudgeName[];
  /** The folder in which all of it lies. */
  readonly home?: URL;
}

export const tryFault = (
  fault: Fault | null,
  { judges = JUDGE_NAMES, home = new URL('../../', import.meta.url) }: TrialOptions = {},
): Promise<Trial> =>
  new Promise((resolve) => {
    const noticed: Partial<Record<JudgeName, string>> = {};
    const asked = [...judges];
    const state: { spoilt: string | null } = { spoilt: null };
    const worker = new Worker(new URL('test/machines/mutant.ts', home), {
      workerData: { fault, judges } satisfies MutantData,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
      execArgv: [],
    });
    /** The judge at work sees it never end: that is a way to notice. */
    const stuck = (why: string): void => {
      const judge = asked[0];
      if (judge === undefined) return;
      noticed[judge] = why;
      asked.length = 0;
    };
    const fuse = setTimeout(() => {
      stuck(`stuck for ${PATIENCE_MS} ms`);
      void worker.terminate();
    }, PATIENCE_MS);
    worker.on('message', ({ judge, why }: MutantSays) => {
      if (judge === null) state.spoilt = why;
      else {
        asked.shift();
        if (why !== null) noticed[judge] = why;
      }
    });
    worker.on('error', (error) => stuck(`the worker ended: ${error instanceof Error ? error.message : String(error)}`));
    worker.on('exit', () => {
      clearTimeout(fuse);
      resolve({ noticed, spoilt: state.spoilt });
    });
  });
