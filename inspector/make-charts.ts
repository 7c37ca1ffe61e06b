/**
 * Lays out the charts of machines. Needs the sources, for what each state is for, and ELK; a build keeps the result.
 * Between two runs from the sources each drawing is kept as well, under the hash of all that went into it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { chartsOf } from '../machines/charts.ts';
import type { Chart } from './charts.ts';
import { layOut, type Elk, type Layout } from './layout.ts';
import { outlineOf, type Descriptions, type Outline } from './outline.ts';
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

const KEPT = fileURLToPath(new URL('../node_modules/.cache/turnstile/charts/', import.meta.url));
const RECIPE = readFileSync(fileURLToPath(new URL('layout.ts', import.meta.url)), 'utf8');

const keptUnder = (outline: Outline): string =>
  `${KEPT}${createHash('sha256').update(RECIPE).update(JSON.stringify(outline)).digest('hex').slice(0, 32)}.json`;

const kept = (file: string): Layout | null => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Layout;
  } catch {
    return null; // never drawn, or the disk was swept
  }
};

const keep = (file: string, layout: Layout): void => {
  try {
    mkdirSync(KEPT, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(layout));
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // It is drawn again next time.
  }
};

/** 1.5 MB of somebody else's program: loaded for what was never drawn. */
const newElk = async (): Promise<Elk> => {
  const { default: elkModule } = await import('elkjs/lib/elk.bundled.js');
  return new elkModule.default() as Elk;
};

export const makeCharts = async (machine: AnyStateMachine): Promise<readonly Chart[]> => {
  const words = described(new URL('../machines/', import.meta.url));
  return Promise.all(
    [...chartsOf(machine)].map(async ([name, chart]) => {
      const outline = outlineOf(chart, words.get(name) ?? {});
      const file = keptUnder(outline);
      const known = kept(file);
      if (known !== null) return { outline, layout: known };
      const layout = await layOut(outline, await newElk());
      keep(file, layout);
      return { outline, layout };
    }),
  );
};
