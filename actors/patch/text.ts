/**
 * A file as lines that remember how they ended, so that what a patch does not touch keeps its bytes: BOM, CRLF, a mixture
 * of both, a last line without an end. `joinText(splitText(text)) === text` for every text.
 */

export interface Text {
  readonly bom: string;
  /** Without their ends. */
  readonly lines: readonly string[];
  /** `\n`, `\r\n`, or nothing for a last line that has no end. */
  readonly ends: readonly string[];
}

const BOM = '\uFEFF';

export const splitText = (source: string): Text => {
  const bom = source.startsWith(BOM) ? BOM : '';
  const pieces = source.slice(bom.length).split('\n');
  const last = pieces.pop()!;
  const lines: string[] = [];
  const ends: string[] = [];
  for (const piece of pieces) {
    const isCrlf = piece.endsWith('\r');
    lines.push(isCrlf ? piece.slice(0, -1) : piece);
    ends.push(isCrlf ? '\r\n' : '\n');
  }
  if (last !== '') {
    lines.push(last);
    ends.push('');
  }
  return { bom, lines, ends };
};

export const joinText = ({ bom, lines, ends }: Text): string =>
  bom + lines.map((line, index) => line + ends[index]!).join('');

/** What a new line of this file should end with, where its neighbours do not say. */
export const usualEnd = ({ ends }: Text): string => {
  let crlf = 0;
  for (const end of ends) crlf += end === '\r\n' ? 1 : end === '\n' ? -1 : 0;
  return crlf > 0 ? '\r\n' : '\n';
};
