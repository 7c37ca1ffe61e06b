/**
 * `docs/machines.md`, made from the machines that run: each with its chart, and what each of its states is for.
 * `node test/docs/machines-page.ts` writes it; a test says when that has to be done again.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { rootMachine } from '../../cli/charts.ts';
import { mermaid } from '../../inspector/mermaid.ts';
import { outlineOf, type Outline, type StateOutline } from '../../inspector/outline.ts';
import { descriptionsIn } from '../../inspector/prose.ts';
import { chartsOf } from '../../machines/charts.ts';
import { root } from './documents.ts';

export const MACHINES_FILE = join(root, 'docs/machines.md');

const SUFFIX = '.machine.ts';
const sources = globSync(`machines/**/*${SUFFIX}`, { cwd: root }).sort();
const sourceOf = (name: string): string => {
  const file = sources.find((path) => basename(path, SUFFIX) === name);
  if (file === undefined) throw new Error(`no ${name}${SUFFIX}: a machine has the name of its file`);
  return file;
};

interface Described {
  readonly file: string;
  readonly outline: Outline;
  readonly promises: readonly string[];
}

/** The numbered lines under `Promises:`, each in one line. */
const promisesIn = (source: string): readonly string[] => {
  const header = source.slice(0, source.indexOf('*/'));
  const [, after = ''] = header.split('Promises:\n');
  return after
    .replaceAll(/^ \* {0,3}/gm, '')
    .split(/^\s*\d+\. /m)
    .map((text) => text.replaceAll(/\s+/g, ' ').trim())
    .filter((text) => text !== '');
};

export const described = (): readonly Described[] =>
  [...chartsOf(rootMachine())].map(([name, chart]) => {
    const file = sourceOf(name);
    const source = readFileSync(join(root, file), 'utf8');
    return { file, outline: outlineOf(chart, descriptionsIn(source)), promises: promisesIn(source) };
  });

interface Place {
  readonly path: string;
  readonly state: StateOutline;
}
const placesOf = (state: StateOutline, path = ''): readonly Place[] => [
  { path, state },
  ...state.states.flatMap((child) => placesOf(child, path === '' ? child.key : `${path}.${child.key}`)),
];

/** States without a word about them, as `machine: path`. */
export const undescribed = (outlines: readonly Outline[]): readonly string[] =>
  outlines.flatMap(({ name, root: top }) =>
    placesOf(top).flatMap(({ path, state }) =>
      state.description.trim() === '' ? [`${name}: ${path || '(itself)'}`] : [],
    ),
  );

const row = ({ path, state }: Place): string => {
  const isTold = state.invokes.length === 0 || state.description.startsWith('child:');
  const child = isTold ? '' : ` (child: ${state.invokes.map((id) => `\`${id}\``).join(', ')})`;
  const mark = state.type === 'final' ? ' ■' : '';
  return `| \`${path}\`${mark} | ${state.description.replaceAll('|', '\\|')}${child} |`;
};

const chapter = ({ file, outline, promises }: Described): string => {
  const [top, ...states] = placesOf(outline.root);
  return [
    `## ${outline.name}`,
    '',
    `[${file}](../${file}). ${top?.state.description ?? ''}`,
    '',
    '| State | What it is for |',
    '| --- | --- |',
    ...states.map(row),
    ...(promises.length === 0 ? [] : ['', 'It promises:', '', ...promises.map((text, at) => `${at + 1}. ${text}`)]),
    '',
    '```mermaid',
    mermaid(outline).trimEnd(),
    '```',
    '',
  ].join('\n');
};

export const machinesPage = (): string =>
  [
    '# The machines',
    '',
    '<!-- Made by `node test/docs/machines-page.ts` from the machines that run. Do not edit. -->',
    '',
    'Each machine with its states, what each is for, and its chart. ■ marks an end. `turnstile machines NAME` draws the',
    'same (`--format svg` or `json` for other forms), `turnstile inspect` shows where a session stands in them.',
    '',
    ...described().map(chapter),
  ].join('\n');

if (import.meta.main) writeFileSync(MACHINES_FILE, machinesPage());
