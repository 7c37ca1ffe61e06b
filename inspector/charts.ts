/**
 * The charts of the machines that run, laid out. A build carries them along; from the sources they are made on the spot,
 * where ELK and the drawings at the head of each machine's file are at hand.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { chartHash, chartsOf } from '../machines/charts.ts';
import { layOut, type Elk, type Layout } from './layout.ts';
import { outlineOf, type Descriptions, type Outline } from './outline.ts';
import { descriptionsIn } from './prose.ts';

export interface Chart {
  readonly outline: Outline;
  readonly layout: Layout;
}

/** Beside the bundle, or in the folder above its chunks; null when we are run from the sources. */
export const builtFile = (name: string): string | null => {
  if (import.meta.url.endsWith('.ts')) return null;
  const places = ['./', '../'].map((place) => fileURLToPath(new URL(`${place}${name}`, import.meta.url)));
  return places.find((place) => existsSync(place)) ?? null;
};

const described = (folder: URL): ReadonlyMap<string, Descriptions> => {
  const files = [folder, new URL('tasks/', folder)].flatMap((place) =>
    readdirSync(place)
      .filter((name) => name.endsWith('.machine.ts'))
      .map((name) => new URL(name, place)),
  );
  return new Map(
    files.map((file) => {
      const name = file.pathname.slice(file.pathname.lastIndexOf('/') + 1, -'.machine.ts'.length);
      return [name, descriptionsIn(readFileSync(file, 'utf8'))];
    }),
  );
};

/** Needs the sources and the development packages; what a build calls. */
export const makeCharts = async (machine: AnyStateMachine): Promise<readonly Chart[]> => {
  const { default: ElkConstructor } = await import('elkjs/lib/elk.bundled.js');
  const elk = new ElkConstructor.default() as Elk;
  const words = described(new URL('../machines/', import.meta.url));
  return Promise.all(
    [...chartsOf(machine)].map(async ([name, chart]) => {
      const outline = outlineOf(chart, words.get(name) ?? {});
      return { outline, layout: await layOut(outline, elk) };
    }),
  );
};

export const chartsThatRun = async (machine: AnyStateMachine): Promise<readonly Chart[]> => {
  const built = builtFile('charts.json');
  if (built === null) return makeCharts(machine);
  const charts = JSON.parse(readFileSync(built, 'utf8')) as readonly Chart[];
  const now = chartsOf(machine);
  const isCurrent = ({ outline: { name, hash } }: Chart) => {
    const chart = now.get(name);
    return chart !== undefined && chartHash(chart) === hash;
  };
  if (!charts.every(isCurrent)) throw new Error(`${built} is of another build; build again`);
  return charts;
};
