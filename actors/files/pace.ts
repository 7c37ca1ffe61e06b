/** Long work in slices: whoever else lives in this process has a turn in between. */
import { SLICE_MS } from './limits.ts';

/** Call it after each small piece; it is cheap while the slice lasts. */
export const createPace = (now: () => number) => {
  const slice = { until: now() + SLICE_MS };
  return async (): Promise<void> => {
    if (now() < slice.until) return;
    await new Promise(setImmediate);
    slice.until = now() + SLICE_MS;
  };
};
export type Pace = ReturnType<typeof createPace>;
