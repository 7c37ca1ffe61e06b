/** What the rules of the user and the grants of this session say about one simple command. The strictest wins. */
import type { Grant } from '../machines/protocol/index.ts';
import type { Rule } from './policy.ts';
import type { Segment } from './words.ts';

export interface Verdict {
  readonly decision: 'allow' | 'prompt' | 'forbidden';
  /** The rule or grant in words, as a person is told. */
  readonly because: string;
}

const STRICTNESS = { allow: 0, prompt: 1, forbidden: 2 } as const;

const fits = (pattern: Rule['pattern'], words: readonly string[]): boolean =>
  pattern.length > 0 &&
  pattern.length <= words.length &&
  pattern.every((part, index) => {
    const word = words[index] ?? '';
    return typeof part === 'string' ? part === word : part.includes(word);
  });

/** `/usr/bin/rm` is judged like `rm` where a rule restricts, but never where it allows: a path could be anything. */
const asNamed = ([program, ...args]: Segment): Segment => [program.slice(program.lastIndexOf('/') + 1), ...args];

const inWords = (rule: Rule): string => {
  const pattern = rule.pattern.map((part) => (typeof part === 'string' ? part : `(${part.join('|')})`)).join(' ');
  const says = { allow: 'allows', prompt: 'asks about', forbidden: 'forbids' }[rule.decision];
  return `a rule (${rule.source}) ${says} “${pattern}”${rule.justification ? `: ${rule.justification}` : ''}`;
};

export const stricter = (left: Verdict | null, right: Verdict | null): Verdict | null => {
  if (!left || !right) return left ?? right;
  return STRICTNESS[right.decision] > STRICTNESS[left.decision] ? right : left;
};

/** What rules and prefix grants say about one segment; null: nothing. */
export const judge = (segment: Segment, rules: readonly Rule[], grants: readonly Grant[]): Verdict | null => {
  const ruled = rules
    .filter(
      (rule) => fits(rule.pattern, segment) || (rule.decision !== 'allow' && fits(rule.pattern, asNamed(segment))),
    )
    .map((rule): Verdict => ({ decision: rule.decision, because: inWords(rule) }))
    .reduce<Verdict | null>(stricter, null);
  const granted = grants.find((grant) => grant.kind === 'prefix' && fits(grant.argv, segment));
  return granted ? stricter(ruled, { decision: 'allow', because: 'you allowed it before' }) : ruled;
};

/** Programs that run whatever comes behind them: a grant for their name would be a grant for everything. */
const CARRY_ANYTHING: ReadonlySet<string> = new Set(
  (
    'sh bash zsh dash ksh fish sudo su doas env xargs exec eval command builtin source . nohup nice time timeout watch ' +
    'setsid stdbuf ssh parallel find rm dd chroot unshare nsenter strace script ionice flock busybox'
  ).split(' '),
);
/** Fine with a script behind them, never alone and never with code on the command line. */
const INTERPRETERS = /^(python[\d.]*|node|deno|bun|ruby|perl|php|lua|awk|gawk|osascript|pwsh|java|npx|bunx|uvx|pnpx)$/;
const SUBCOMMAND = /^[a-z][a-z0-9:_-]*$/i;
const HAS_SUBCOMMANDS: ReadonlySet<string> = new Set(
  'npm pnpm yarn cargo go git docker make just pip uv poetry gradle mvn dotnet kubectl apt brew bundle rake mix terraform'.split(
    ' ',
  ),
);
/** `npm run` alone would allow every script there is. */
const NEEDS_A_THIRD: ReadonlySet<string> = new Set(['run', 'exec', 'dlx', 'x', 'tool']);

/** The narrowest prefix that is worth remembering for this command; null: nothing is. */
export const proposeGrant = (segment: Segment): Grant | null => {
  const [program, second, third] = segment;
  const name = program.slice(program.lastIndexOf('/') + 1);
  if (CARRY_ANYTHING.has(name)) return null;
  if (INTERPRETERS.test(name)) {
    return second === undefined || second.startsWith('-') ? null : grant([program, second]);
  }
  if (!HAS_SUBCOMMANDS.has(name)) return grant(segment);
  if (second === undefined) return name === 'git' || name === 'docker' ? null : grant(segment);
  if (!SUBCOMMAND.test(second)) return null;
  if (!NEEDS_A_THIRD.has(second)) return grant([program, second]);
  return third !== undefined && !third.startsWith('-') ? grant([program, second, third]) : null;
};

const grant = (argv: readonly string[]): Grant => ({ kind: 'prefix', argv: [...argv], lifetime: 'session' });
