/**
 * Takes secrets out of text before it is written. Equal secrets become equal tokens, so that a redacted story is still
 * the same story: what was equal stays equal, what was different stays different.
 *
 * A secret is a value that the caller names, the value of a variable whose name says so, or a token of a known shape.
 * Shapes are narrow on purpose: a false alarm changes what the model reads when the session is resumed.
 */
import { createHash } from 'node:crypto';
import { MIN_SECRET_CHARS } from './limits.ts';

export interface RedactorOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Values that are known to be secret, whatever they look like. */
  readonly secrets?: readonly string[];
  /** Keeps tokens of different journals apart. */
  readonly salt: string;
}

export interface Redactor {
  /** Cheap, and may be wrong in one direction: false means that a line of JSON certainly holds nothing to replace. */
  readonly mayHold: (line: string) => boolean;
  readonly clean: (text: string) => string;
}

const SECRET_NAME =
  /(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASS|PASSPHRASE|CREDENTIALS?|COOKIE|PAT|AUTH|DSN)(?:_|\d|$)/i;
/** Such variables say where a secret is. */
const PLACE = /(?:_FILE|_PATH|_DIR|_SOCK|_ID)$/i;

/** Found anywhere in a line of JSON, escaped or not; no look-around, so that it stays cheap. */
const HINTS = [
  String.raw`sk-|gh[pousr]_|github_pat_|glpat-|A[KS]IA|xox[abprs]-|AIza|npm_|eyJ|[Bb]earer|PRIVATE KEY-----`,
  String.raw`:\/\/[^\s\/:@"]+:[^\s\/@"]+@`,
];

const SHAPES = new RegExp(
  [
    String.raw`(?<![A-Za-z0-9_-])sk-(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{16,}`,
    String.raw`\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|npm_[A-Za-z0-9]{30,})`,
    String.raw`\bglpat-[A-Za-z0-9_-]{20,}`,
    String.raw`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`,
    String.raw`\bxox[abprs]-[A-Za-z0-9-]{10,}`,
    String.raw`\bAIza[0-9A-Za-z_-]{35}`,
    String.raw`\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`,
    String.raw`(?<=\b[Bb]earer\s+)[A-Za-z0-9._~+\/-]{16,}=*`,
    String.raw`-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[^]*?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|$)`,
    String.raw`(?<=:\/\/[^\s\/:@]{1,64}:)[^\s\/@"'\[\]]{3,256}(?=@)`,
  ].join('|'),
  'g',
);

const quote = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const inUrl = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : text);
/** The ways in which the same value is met: as it is, inside JSON up to three deep (a line, its arguments, theirs), inside a URL. */
const guises = (value: string): string[] => {
  const once = inJson(value);
  const twice = inJson(once);
  return [value, once, twice, inJson(twice), inUrl(value)];
};

export const secretsOf = (env: Readonly<Record<string, string | undefined>>): string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && SECRET_NAME.test(name) && !PLACE.test(name) && !value.startsWith('/') ? [value] : [],
  );

export const createRedactor = ({ env = {}, secrets = [], salt }: RedactorOptions): Redactor => {
  const token = (value: string) =>
    `[secret:${createHash('sha256').update(salt).update('\0').update(value).digest('hex').slice(0, 8)}]`;
  const known = [...secretsOf(env), ...secrets].filter((value) => value.length >= MIN_SECRET_CHARS);
  const tokens = new Map(known.flatMap((value) => guises(value).map((guise) => [guise, token(value)] as const)));
  // Longest first: a secret that contains another one is that one and more.
  const literals = [...tokens.keys()].sort((a, b) => b.length - a.length).map(quote);
  const literal = literals.length === 0 ? null : new RegExp(literals.join('|'), 'g');
  const hint = new RegExp([...HINTS, ...literals].join('|'));

  return {
    mayHold: (line) => hint.test(line),
    clean: (text) => {
      const named = literal === null ? text : text.replace(literal, (found) => tokens.get(found) ?? token(found));
      return named.replace(SHAPES, token);
    },
  };
};
