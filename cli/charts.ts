/** The charts of the runtime's own machines. */
import type { AnyStateMachine } from 'xstate';
import { puppets } from '../actors/replay/puppets.ts';
import { wire } from '../actors/wiring.ts';
import { chartsThatRun, type Chart } from '../inspector/charts.ts';

export const rootMachine = (): AnyStateMachine =>
  wire(
    puppets(() => {}),
    { publish: () => {}, sweep: () => {} },
  );

export const charts = (): Promise<readonly Chart[]> => chartsThatRun(rootMachine());
