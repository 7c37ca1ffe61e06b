/** What is said of a rewind: how far it went, what became of the files, and what it could not do. */
import type { FactOf } from '../../machines/protocol/index.ts';
import type { Tone } from './cells.ts';

/** Lines of one kind; of the others it is said how many. */
const SHOWN = 8;

const many = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
const some = (word: string, lines: readonly string[]): readonly string[] => [
  ...lines.slice(0, SHOWN).map((line) => `  ${word.padEnd(11)}  ${line}`),
  ...(lines.length > SHOWN ? [`  ${''.padEnd(11)}  and ${lines.length - SHOWN} more`] : []),
];

export const rewoundWords = ({ turns, files }: FactOf<'history.rewound'>): readonly [tone: Tone, text: string] => {
  const back = `took back ${many(turns, 'turn')}`;
  if (files === undefined) return ['dim', back];
  const { restored, kept, notCovered } = files;
  const lines = [
    `${back} · ${many(restored.length, 'file')} restored`,
    ...some(
      'kept',
      kept.map(({ path, why }) => `${path}: ${why}`),
    ),
    ...some('not covered', notCovered),
  ];
  return [kept.length > 0 ? 'warn' : 'dim', lines.join('\n')];
};

/** `/rewind [TURNS] [files]`; null: it is something else. `turns` null: none was said. */
export const rewindOf = (rest: string): { readonly turns: number | null; readonly files: boolean } | null => {
  const words = rest.trim().split(/\s+/).filter(Boolean);
  const numbers = words.filter((word) => /^[1-9]\d{0,8}$/.test(word));
  const files = words.filter((word) => word === 'files');
  if (numbers.length > 1 || files.length > 1 || numbers.length + files.length < words.length) return null;
  return { turns: numbers[0] === undefined ? null : Number(numbers[0]), files: files.length > 0 };
};
