/** The charts of the machines that run, laid out, and the page: from the build where there is one, else made on the spot. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { chartHash, chartsOf } from '../machines/charts.ts';
import type { Layout } from './layout.ts';
import type { Outline } from './outline.ts';

export interface Chart {
  readonly outline: Outline;
  readonly layout: Layout;
}

const isSource = import.meta.url.endsWith('.ts');

const built = (name: string): string => {
  const file = fileURLToPath(new URL(`./${name}`, import.meta.url));
  if (!existsSync(file)) throw new Error(`${file} is missing; build again`);
  return readFileSync(file, 'utf8');
};

/** Made from development packages, so a bundler must not follow the name. */
const maker = async <T>(file: string): Promise<T> => (await import(new URL(file, import.meta.url).href)) as T;

export const chartsThatRun = async (machine: AnyStateMachine): Promise<readonly Chart[]> => {
  if (isSource) {
    const { makeCharts } = await maker<typeof import('./make-charts.ts')>('./make-charts.ts');
    return makeCharts(machine);
  }
  const charts = JSON.parse(built('charts.json')) as readonly Chart[];
  const now = chartsOf(machine);
  const isCurrent = ({ outline: { name, hash } }: Chart): boolean => {
    const chart = now.get(name);
    return chart !== undefined && chartHash(chart) === hash;
  };
  if (!charts.every(isCurrent)) throw new Error('the drawings are of another build; build again');
  return charts;
};

export const inspectorPage = async (): Promise<string> => {
  if (!isSource) return built('inspector.html');
  const { buildPage } = await maker<typeof import('./build-page.ts')>('./build-page.ts');
  return buildPage();
};
