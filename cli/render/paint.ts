/** Colours, or none. Pure: whoever prints decides once. */

export interface Paint {
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const sgr =
  (open: number, close: number) =>
  (text: string): string =>
    text === '' ? '' : `\x1b[${open}m${text}\x1b[${close}m`;
const same = (text: string): string => text;

export const COLOURS: Paint = {
  dim: sgr(2, 22),
  bold: sgr(1, 22),
  red: sgr(31, 39),
  green: sgr(32, 39),
  yellow: sgr(33, 39),
  cyan: sgr(36, 39),
};
export const NO_COLOURS: Paint = { dim: same, bold: same, red: same, green: same, yellow: same, cyan: same };

type Env = Readonly<Record<string, string | undefined>>;

/** NO_COLOR and a dumb terminal forbid, unless a flag asks. */
export const choosePaint = (when: 'auto' | 'always' | 'never', isTty: boolean, env: Env): Paint => {
  const allows = isTty && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return when === 'always' || (when === 'auto' && allows) ? COLOURS : NO_COLOURS;
};
