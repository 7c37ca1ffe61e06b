/** The charts of the runtime's own machines. */
import { puppets } from '../actors/replay/puppets.ts';
import { wire, type WiredSession } from '../actors/wiring.ts';
import { chartsThatRun, type Chart } from '../inspector/charts.ts';

export const rootMachine = (): WiredSession =>
  wire(
    puppets(() => {}),
    { publish: () => {}, sweep: () => {} },
  );

export const charts = (): Promise<readonly Chart[]> => chartsThatRun(rootMachine());
