/** What stands on the glass, as SVG: each cell as the emulator holds it, runs of one style as one text. */
import type { Terminal } from '@xterm/headless';

const CELL = { width: 8.4, height: 18 };
const PADDING = 12;
const INK = '#d8dee9';
const PAPER = '#1f242d';
/** The sixteen colours of the terminal, as the reader will see them. */
const PALETTE = ['#4c566a', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d8dee9'];

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

interface Run {
  readonly style: string;
  readonly column: number;
  text: string;
}

/** `mask` is applied to each run of text: what is of this machine only goes. */
export const svgOf = (terminal: Terminal, title: string, mask: (text: string) => string): string => {
  const { active } = terminal.buffer;
  const rows: string[] = [];
  let last = 0;
  for (let y = 0; y < terminal.rows; y += 1) {
    const line = active.getLine(active.baseY + y);
    const runs: Run[] = [];
    for (let x = 0; x < terminal.cols; x += 1) {
      const cell = line?.getCell(x);
      const chars = cell?.getChars() ?? '';
      if (cell === undefined || cell.getWidth() === 0) continue;
      const colour = cell.isFgPalette() ? (PALETTE[cell.getFgColor() % 8] ?? INK) : INK;
      const style = `fill="${colour}"${cell.isBold() ? ' font-weight="bold"' : ''}${cell.isDim() ? ' opacity="0.6"' : ''}`;
      const run = runs.at(-1);
      if (run !== undefined && run.style === style) run.text += chars === '' ? ' ' : chars;
      else runs.push({ style, column: x, text: chars === '' ? ' ' : chars });
    }
    const shown = runs.filter(({ text }) => text.trim() !== '');
    if (shown.length > 0) last = y;
    const top = PADDING + (y + 0.75) * CELL.height;
    rows.push(
      shown
        .map(({ style, column, text: bare }) => {
          const text = mask(bare);
          const lead = text.length - text.trimStart().length;
          const words = text.trim();
          const x = PADDING + (column + lead) * CELL.width;
          return `<text x="${x.toFixed(1)}" y="${top}" ${style} textLength="${(words.length * CELL.width).toFixed(1)}" xml:space="preserve">${escaped(words)}</text>`;
        })
        .join(''),
    );
  }
  const width = Math.ceil(terminal.cols * CELL.width + 2 * PADDING);
  const height = Math.ceil((last + 1) * CELL.height + 2 * PADDING);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<rect width="100%" height="100%" rx="8" fill="${PAPER}"/>`,
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">',
    ...rows.filter((row) => row !== ''),
    '</g></svg>',
    '',
  ].join('\n');
};
