/** How many columns a text takes, and where it is broken. Pure. Escape sequences of ours (SGR) take none and are carried over a break. */

const segmenter = new Intl.Segmenter();
const ASCII = /^[\x20-\x7e]*$/;
const SGR = /\x1b\[[\d;]*m/y;

/** Takes two columns in every terminal worth the name: East Asian wide and fullwidth, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{1fa70}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const ZERO = /^[\p{Mark}\p{Format}\p{Control}]+$/u;

const graphemeWidth = (grapheme: string): number => {
  if (ZERO.test(grapheme)) return 0;
  return WIDE.test(grapheme) || grapheme.includes('\ufe0f') ? 2 : 1;
};

export const widthOf = (text: string): number => {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { grapheme } of pieces(text)) width += grapheme === null ? 0 : graphemeWidth(grapheme);
  return width;
};

interface Piece {
  readonly text: string;
  /** Null for an escape sequence. */
  readonly grapheme: string | null;
}

function* pieces(text: string): Generator<Piece> {
  let at = 0;
  while (at < text.length) {
    SGR.lastIndex = at;
    const sgr = SGR.exec(text);
    if (sgr !== null) {
      yield { text: sgr[0], grapheme: null };
      at += sgr[0].length;
      continue;
    }
    const next = text.indexOf('\x1b', at + 1);
    const plain = text.slice(at, next < 0 ? text.length : next);
    for (const { segment } of segmenter.segment(plain)) yield { text: segment, grapheme: segment };
    at += plain.length;
  }
}

/** Columns of a tab stop, as good a guess as any inside an indented cell. */
const TAB = '    ';
const RESET = '\x1b[0m';

/** What later rows stand under: the spaces and the bullet or number that a row begins with. */
const LEAD = /^ *(?:(?:[•›●○■│-]|\d+\.) +)?/;
const leadOf = (text: string): number => widthOf(LEAD.exec(text.replace(/\x1b\[[\d;]*m/g, ''))?.[0] ?? '');

/** Rows of at most `columns`, broken at a space where there is one. Later rows are indented, by default like the first. */
export const wrap = (line: string, columns: number, hang?: number): readonly string[] => {
  const text = line.replaceAll('\t', TAB);
  if (columns < 1 || widthOf(text) <= columns) return [text];
  const indent = ' '.repeat(Math.min(hang ?? leadOf(text), Math.floor(columns / 2)));
  const rows: string[] = [];
  let row = '';
  let width = 0;
  let styles = '';
  /** Where the row may be broken: after its last space. */
  let space: { readonly at: number; readonly width: number; readonly styles: string } | null = null;

  const breakRow = (head: string, tail: string, open: string): void => {
    rows.push(open === '' ? head : head + RESET);
    row = indent + open + tail;
    width = indent.length + widthOf(tail);
    space = null;
  };
  for (const piece of pieces(text)) {
    if (piece.grapheme === null) {
      // Styles that were closed again are not worth carrying.
      styles = /^\x1b\[(0|22|39|49|2[3-9])?m$/.test(piece.text) ? '' : styles + piece.text;
      row += piece.text;
      continue;
    }
    const more = graphemeWidth(piece.grapheme);
    if (width + more > columns) {
      if (piece.text === ' ') {
        breakRow(row, '', styles);
        continue;
      }
      const broken: typeof space = space;
      if (broken !== null && broken.width > Math.max(indent.length, leadOf(row)))
        breakRow(row.slice(0, broken.at).trimEnd(), row.slice(broken.at), broken.styles);
      else breakRow(row, '', styles);
    }
    row += piece.text;
    width += more;
    if (piece.text === ' ') space = { at: row.length, width, styles };
  }
  rows.push(row);
  return rows;
};

/** Cut to fit one row. */
export const fit = (text: string, columns: number): string => {
  if (widthOf(text) <= columns) return text;
  let cut = '';
  let width = 0;
  for (const piece of pieces(text)) {
    const more = piece.grapheme === null ? 0 : graphemeWidth(piece.grapheme);
    if (width + more > columns - 1) break;
    cut += piece.text;
    width += more;
  }
  return `${cut}…${cut.includes('\x1b') ? RESET : ''}`;
};
