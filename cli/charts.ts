/** The charts of the runtime's own machines. */
import { puppets } from '../actors/replay/puppets.ts';
import { wire } from '../actors/wiring.ts';
import { chartsThatRun, makeCharts, type Chart } from '../inspector/charts.ts';

const root = () =>
  wire(
    puppets(() => {}),
    { publish: () => {}, sweep: () => {} },
  );

export const charts = (): Promise<readonly Chart[]> => chartsThatRun(root());

/** For the build. */
export const freshCharts = (): Promise<readonly Chart[]> => makeCharts(root());
