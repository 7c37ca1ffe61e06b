/** Writes the questions: why, what runs now, what runs after a yes, and what may be remembered. Every client shows these. */
import type { Grant, PlanInWords, Question } from '../machines/protocol/index.ts';
import type { Facts } from './facts.ts';
import { hashOf } from './hash.ts';
import type { ExecPlan } from './plan.ts';
import { proposeGrant } from './rules.ts';
import type { Segment } from './words.ts';

/** Longest text of one command inside a sentence. Characters. */
const SHOWN_CHARS = 200;

const quote = (text: string): string => `“${text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text}”`;
const shown = (words: readonly string[]): string => quote(words.join(' '));
const list = (texts: readonly string[]): string => texts.join(', ');

/** Every simple command that the question is about, by name; an unread script as a whole. */
export const namesOf = (segments: readonly Segment[], facts: Facts): string =>
  segments.length > 0 ? list(segments.map(shown)) : shown([facts.command.argv.at(-1) ?? '']);

const firstRun = (plan: ExecPlan): PlanInWords => {
  if (plan.step === 'run') return plan.spawn.inWords;
  if (plan.step === 'ask') return firstRun(plan.then);
  throw new Error('a yes must lead to a run');
};

const grantInWords = (grant: Grant): string => {
  switch (grant.kind) {
    case 'prefix':
      return `commands that begin with ${shown(grant.argv)} run without a question`;
    case 'unsandboxed':
      return `exactly ${shown(grant.argv)} in ${grant.cwd} runs outside the sandbox`;
    case 'path':
      return grant.path.endsWith('.git')
        ? `git may commit: commands may write in ${grant.path}, except to its hooks and configuration`
        : `commands may write in ${grant.path}`;
    case 'patch':
      return `patches may change ${grant.path}`;
    case 'host':
      return `commands may reach ${grant.host}`;
    case 'mcp':
      return `${grant.tool} of the MCP server ${grant.server} is used without a question`;
  }
};

export const offersInWords = (offers: readonly Grant[]): string =>
  offers.length === 0 ? '' : `For this session: ${offers.map(grantInWords).join('; ')}.`;

export const hostOffers = ({ wanted }: Facts): readonly Grant[] =>
  wanted.map((host) => ({ kind: 'host', host, lifetime: 'session' }));

/** What can be a rule of this folder: all that was offered, or nothing. */
const keepsOf = (offers: readonly Grant[]): Question['keeps'] => {
  const grants = offers.flatMap((grant): readonly Grant[] =>
    grant.kind === 'prefix' || grant.kind === 'host' ? [{ ...grant, lifetime: 'always' }] : [],
  );
  if (grants.length === 0 || grants.length < offers.length) return undefined;
  return { grants, inWords: `In this folder, from now on: ${grants.map(grantInWords).join('; ')}.` };
};

/** A prefix for each segment that is asked about. All or none: half of them would not make the command pass. */
export const prefixOffers = ({ unknown, dangerous }: Facts): readonly Grant[] => {
  if (dangerous.length > 0) return [];
  const proposals = unknown.map(proposeGrant);
  const offers = proposals.filter((proposal) => proposal !== null);
  return offers.length === proposals.length ? offers : [];
};

export const unsandboxedOffer = ({ command }: Facts): readonly Grant[] => [
  { kind: 'unsandboxed', argv: [...command.argv], cwd: command.cwd, lifetime: 'session' },
];

/** Git commands that only add to the history. */
const COMMITTING: ReadonlySet<string> = new Set([
  'add',
  'commit',
  'stash',
  'tag',
  'fetch',
  'merge',
  'cherry-pick',
  'switch',
]);

/** The missing piece rather than the way out, where we know it: so that the next commit needs no question. */
export const leavingOffers = (facts: Facts): readonly Grant[] => {
  const { segments, terrain } = facts;
  const folder = terrain.gitFolder ?? null;
  const commits = (segments ?? []).some(([program, command = '']) => program === 'git' && COMMITTING.has(command));
  return commits && folder !== null && !terrain.roots.includes(folder)
    ? [{ kind: 'path', path: folder, lifetime: 'session' }]
    : unsandboxedOffer(facts);
};

export const patchOffers = ({ command }: Facts): readonly Grant[] =>
  (command.writes ?? []).map((path) => ({ kind: 'patch', path, lifetime: 'session' }));

export interface Asking {
  readonly why: string;
  readonly now?: PlanInWords | null;
  readonly then: ExecPlan;
  readonly offers?: readonly Grant[];
}

export const ask = (facts: Facts, { why, now = null, then, offers = [] }: Asking): ExecPlan => {
  const said = facts.escalation?.justification.trim();
  const keeps = keepsOf(offers);
  const question: Question = {
    why,
    ...(said ? { justification: said } : {}),
    now,
    ifYes: firstRun(then),
    offers: [...offers],
    offersInWords: offersInWords(offers),
    ...(keeps === undefined ? {} : { keeps }),
    planHash: hashOf(then),
  };
  return { step: 'ask', question, then };
};
