/** A unified diff with colours, cut to a number of lines. Pure. */
import type { Paint } from '../render/paint.ts';
import { strip } from '../render/strip.ts';

export const drawDiff = (diff: string, lines: number, paint: Paint): readonly string[] => {
  const all = strip(diff)
    .replace(/\n+$/, '')
    .split('\n')
    .filter((line) => !/^(diff --git|index |--- |\+\+\+ )/.test(line));
  const shown = all.slice(0, lines).map((line) => {
    const style = line.startsWith('+') ? paint.green : line.startsWith('-') ? paint.red : paint.dim;
    return `    ${style(line)}`;
  });
  return all.length > lines ? [...shown, paint.dim(`    … ${all.length - lines} lines more · /diff`)] : shown;
};
