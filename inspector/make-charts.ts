/** Lays out the charts of machines. Needs the sources, for what each state is for, and ELK; a build keeps the result. */
import { readdirSync, readFileSync } from 'node:fs';
import type { AnyStateMachine } from 'xstate';
import { chartsOf } from '../machines/charts.ts';
import type { Chart } from './charts.ts';
import { layOut, type Elk } from './layout.ts';
import { outlineOf, type Descriptions } from './outline.ts';
import { descriptionsIn } from './prose.ts';

const SUFFIX = '.machine.ts';

const described = (folder: URL): ReadonlyMap<string, Descriptions> => {
  const files = [folder, new URL('tasks/', folder)].flatMap((place) =>
    readdirSync(place)
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => ({ name: name.slice(0, -SUFFIX.length), file: new URL(name, place) })),
  );
  return new Map(files.map(({ name, file }) => [name, descriptionsIn(readFileSync(file, 'utf8'))]));
};

export const makeCharts = async (machine: AnyStateMachine): Promise<readonly Chart[]> => {
  const { default: elkModule } = await import('elkjs/lib/elk.bundled.js');
  const elk = new elkModule.default() as Elk;
  const words = described(new URL('../machines/', import.meta.url));
  return Promise.all(
    [...chartsOf(machine)].map(async ([name, chart]) => {
      const outline = outlineOf(chart, words.get(name) ?? {});
      return { outline, layout: await layOut(outline, elk) };
    }),
  );
};
