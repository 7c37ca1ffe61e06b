/** A laid-out chart as a drawing that stands alone: for documents. The page draws its own, live. Pure. */
import type { Arrow, Box, Layout } from './layout.ts';

const escape = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

const STYLE = `text{font:12px ui-monospace,SFMono-Regular,Menlo,monospace;fill:#1d2733}
.box{fill:#fff;stroke:#5b6b7c;stroke-width:1.2}.box.compound,.box.parallel{fill:#f4f7fa}.box.final{stroke-width:2.6}
.arrow{fill:none;stroke:#7a8a9b;stroke-width:1.2}.label{fill:#3f5163;font-size:11px}.leaf{fill:#8a5a00;font-size:11px}
.paper{fill:#fff}@media (prefers-color-scheme:dark){.paper{fill:#14181d}text{fill:#dfe6ee}.box{fill:#1c2229;stroke:#8595a6}
.box.compound,.box.parallel{fill:#181d23}.label{fill:#a9b8c8}.leaf{fill:#e0b060}}`;

const boxOf = ({ key, type, x, y, w, h, description, invokes, isInitial }: Box): string => {
  const title = description === '' ? '' : `<title>${escape(description)}</title>`;
  const dot = isInitial ? `<circle cx="${x + 10}" cy="${y + 10}" r="3.5" fill="#5b6b7c"/>` : '';
  const leaf =
    invokes.length === 0 ? '' : `<text class="leaf" x="${x + 20}" y="${y + 32}">▸ ${escape(invokes.join(' '))}</text>`;
  return `<g>${title}<rect class="box ${type}" x="${x}" y="${y}" width="${w}" height="${h}" rx="8"/>${dot}<text x="${x + 20}" y="${y + 18}">${escape(key)}</text>${leaf}</g>`;
};

export const pathOfArrow = (points: Arrow['points']): string =>
  points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join('');

const arrowOf = ({ points, labels }: Arrow): string => {
  const texts = labels.map(({ text, x, y }) => `<text class="label" x="${x}" y="${y + 11}">${escape(text)}</text>`);
  return `<path class="arrow" marker-end="url(#tip)" d="${pathOfArrow(points)}"/>${texts.join('')}`;
};

const TIP =
  '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#7a8a9b"/></marker>';

export const svg = ({ width, height, boxes, arrows }: Layout): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><style>${STYLE}</style><defs>${TIP}</defs><rect class="paper" width="100%" height="100%"/>${boxes.map(boxOf).join('')}${arrows.map(arrowOf).join('')}</svg>\n`;
