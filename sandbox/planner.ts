/**
 * May it run, and how: one table, read from top to bottom, the first row that fits wins.
 *
 * Promises: the same request always gives the same plan; nothing leaves the sandbox but by a question that says so, by
 * a grant for this very command, or because the policy has no sandbox; between two runs of one plan there is always a
 * question; `never` has none at all; what is known to need more rights is asked before the first run, not after it. Which
 * hosts a command wants shows only when it is refused them; so it is planned a second time, with these, and asked about.
 */
import { direct } from './backends/direct.backend.ts';
import { assess, withHosts, type Facts } from './facts.ts';
import { isWithin } from './paths.ts';
import type { ExecPlan, PlanRequest, Spawn, Terrain } from './plan.ts';
import type { SandboxPolicy } from './policy.ts';
import { ask, hostOffers, leavingOffers, namesOf, patchOffers, prefixOffers, unsandboxedOffer } from './question.ts';

export { withGrants, withHosts } from './facts.ts';

interface Row {
  /** Names the row in tests and in the explanation. */
  readonly id: string;
  readonly when: (facts: Facts) => boolean;
  readonly then: (facts: Facts) => ExecPlan;
}

const refuse = (reason: string): ExecPlan => ({ step: 'refuse', reason });

// ---- ways to run ---------------------------------------------------------------------------------------------------

const directly = ({ command, host, terrain, isConfined, sandbox }: Facts): ExecPlan => {
  const policy: SandboxPolicy = isConfined ? { kind: 'fullAccess' } : sandbox;
  return { step: 'run', spawn: direct.confine(command, policy, terrain, host), ifDenied: null };
};

/** The terrain with the way cleared for exactly the writes that were allowed. */
const opened = (terrain: Terrain, { outside }: Facts): Terrain => {
  const clears = (fence: string): boolean => !outside.some(({ real }) => isWithin(real, fence));
  const folders = outside
    .filter(({ real }) => !terrain.roots.some((root) => isWithin(real, root)))
    .map(({ folder }) => folder);
  return {
    ...terrain,
    roots: [...new Set([...terrain.roots, ...folders])],
    protectedPaths: terrain.protectedPaths.filter(clears),
    absentPaths: terrain.absentPaths.filter(clears),
    hidden: terrain.hidden.filter(({ path }) => clears(path)),
  };
};

const confined = (facts: Facts): Spawn => {
  const { backend, command, sandbox, terrain, host, outside } = facts;
  if (!backend) throw new Error('the table let a command without a backend through');
  if (outside.length === 0) return backend.confine(command, sandbox, terrain, host);
  const spawn = backend.confine(command, sandbox, opened(terrain, facts), host);
  const also = outside.map(({ real }) => real).join(', ');
  return { ...spawn, inWords: { ...spawn.inWords, sandbox: `${spawn.inWords.sandbox} · also writes ${also}` } };
};

/** A denial is the model's business under `on-request` and `never`; a patch that was denied is worth a question. */
const afterDenial = (facts: Facts, spawn: Spawn): ExecPlan | null => {
  const { approval, command, isPatch } = facts;
  if (approval === 'never' || (approval === 'on-request' && !isPatch) || (command.isOwn && !isPatch)) return null;
  return ask(facts, {
    why: 'the sandbox denied it. Run it again without the sandbox?',
    now: { ...spawn.inWords, expects: 'denied' },
    then: directly(facts),
    offers: leavingOffers(facts),
  });
};

const inSandbox = (facts: Facts): ExecPlan => {
  const spawn = confined(facts);
  const ifDenied = afterDenial(facts, spawn);
  const mayAsk = spawn.gate !== undefined && facts.approval !== 'never' && facts.command.isOwn !== true;
  return { step: 'run', spawn, ifDenied, ...(mayAsk ? { ifRefused: 'replan' } : {}) };
};

/** The same again, with the hosts that it wanted, and then no more of it: the next refusal is the model's business. */
const reaching = (facts: Facts): ExecPlan => {
  const sandbox = withHosts(facts.sandbox, hostOffers(facts), []);
  return { step: 'run', spawn: confined({ ...facts, sandbox }), ifDenied: null };
};

const somehow = (facts: Facts): ExecPlan => (facts.isConfined ? inSandbox(facts) : directly(facts));

// ---- words ---------------------------------------------------------------------------------------------------------

const obstaclesOf = ({ obstacles }: Facts): string =>
  obstacles.map(({ layer, reason, remedy }) => `${reason} (${layer}). ${remedy}`).join('; ');

const whatIsOutside = ({ unasked, sandbox }: Facts): string => {
  const paths = unasked.map(({ path, real }) => (path === real ? path : `${path} (really ${real})`)).join(', ');
  return sandbox.kind === 'readOnly'
    ? `writing is blocked by the read-only sandbox: ${paths}`
    : `it writes outside of the writable folders, or to a protected path: ${paths}`;
};

const wouldFail = (facts: Facts) => {
  if (!facts.backend) return null;
  const { inWords } = facts.backend.confine(facts.command, facts.sandbox, facts.terrain, facts.host);
  const expects = facts.outside.map(({ path }) => path).join(', ');
  return expects === '' ? inWords : { ...inWords, expects: `would fail: read-only ${expects}` };
};

// ---- conditions ----------------------------------------------------------------------------------------------------

const isNever = ({ approval }: Facts): boolean => approval === 'never';
const isUntrusted = ({ approval }: Facts): boolean => approval === 'untrusted';
const prompts = ({ restriction }: Facts): boolean => restriction?.decision === 'prompt';
const isPatchNobodySaw = ({ command, grants }: Facts): boolean =>
  !(command.writes ?? []).every((path) => grants.some((grant) => grant.kind === 'patch' && grant.path === path));
const isCommand = ({ command }: Facts): boolean => command.isOwn !== true;
const isDangerous = (facts: Facts): boolean => isCommand(facts) && facts.dangerous.length > 0;
const isUnknown = (facts: Facts): boolean => isCommand(facts) && !facts.isCleared;

// ---- the table -----------------------------------------------------------------------------------------------------

export const TABLE: readonly Row[] = [
  // Nobody could run these.
  { id: 'flawed', when: ({ flaw }) => flaw !== null, then: ({ flaw }) => refuse(flaw ?? '') },
  {
    id: 'E.5.1',
    when: ({ isPatch, command }) => isPatch && command.writes?.length === 0,
    then: () => refuse('the patch is empty'),
  },
  // The user's own rules come before everything else.
  {
    id: 'E.6 forbidden',
    when: ({ restriction }) => restriction?.decision === 'forbidden',
    then: ({ restriction }) => refuse(restriction?.because ?? ''),
  },
  {
    id: 'E.6 prompt, never',
    when: (facts) => prompts(facts) && isNever(facts),
    then: ({ restriction }) => refuse(`${restriction?.because}; but the approval policy is never, so nobody is asked`),
  },
  // It ran, and was refused hosts.
  {
    id: 'R32 nobody asks',
    when: (facts) => facts.refused !== undefined && (isNever(facts) || facts.wanted.length === 0 || !facts.backend),
    then: ({ refused = [] }) => refuse(`refused by the sandbox, and not to be asked about: ${refused.join(', ')}`),
  },
  {
    id: 'R32 host',
    when: ({ refused }) => refused !== undefined,
    then: (facts) =>
      ask(facts, {
        why: `let this command reach ${facts.wanted.join(', ')}? It is not in the list of hosts`,
        now: { ...confined(facts).inWords, expects: 'refused' },
        then: reaching(facts),
        offers: hostOffers(facts),
      }),
  },
  // Out of the sandbox: only by name.
  { id: 'free', when: (facts) => facts.isConfined && facts.isFree && !prompts(facts), then: directly },
  {
    id: 'E.3 escalation',
    when: ({ wantsOut, approval }) => wantsOut && approval !== 'on-request',
    then: ({ approval }) =>
      refuse(`the approval policy is ${approval}: do not ask to leave the sandbox; run the command without escalation`),
  },
  {
    id: 'E.4.6',
    when: ({ wantsOut }) => wantsOut,
    then: (facts) =>
      ask(facts, {
        why: `it asks to run outside the sandbox${prompts(facts) ? `, and ${facts.restriction?.because}` : ''}: ${namesOf(facts.segments ?? [], facts)}`,
        now: wouldFail(facts),
        then: directly(facts),
        offers: prompts(facts) ? [] : leavingOffers(facts),
      }),
  },
  // No sandbox to be had: nothing runs without a person's word.
  {
    id: 'R27 never',
    when: (facts) => facts.isConfined && !facts.backend && isNever(facts),
    then: (facts) => refuse(`no sandbox can be built here, and without one nothing runs: ${obstaclesOf(facts)}`),
  },
  {
    id: 'R27',
    when: ({ isConfined, backend }) => isConfined && !backend,
    then: (facts) =>
      ask(facts, {
        why: `no sandbox can be built here: ${obstaclesOf(facts)}`,
        then: directly(facts),
        offers: prompts(facts) ? [] : unsandboxedOffer(facts),
      }),
  },
  {
    id: 'E.6 prompt',
    when: prompts,
    then: (facts) => ask(facts, { why: facts.restriction?.because ?? '', then: somehow(facts) }),
  },
  // Patches, and whatever else says beforehand where it writes.
  {
    id: 'E.5.5',
    when: (facts) => facts.unasked.length > 0 && isNever(facts),
    then: (facts) => refuse(`${whatIsOutside(facts)}; rejected by the approval policy never`),
  },
  {
    id: 'E.5.6',
    when: ({ unasked }) => unasked.length > 0,
    then: (facts) =>
      ask(facts, { why: whatIsOutside(facts), then: somehow(facts), offers: facts.isPatch ? patchOffers(facts) : [] }),
  },
  {
    id: 'E.5.2',
    when: (facts) => facts.isPatch && isUntrusted(facts) && isPatchNobodySaw(facts),
    then: (facts) =>
      ask(facts, {
        why: `the approval policy is untrusted, and the patch changes ${(facts.command.writes ?? []).join(', ')}`,
        then: somehow(facts),
        offers: patchOffers(facts),
      }),
  },
  // Commands of the model.
  {
    id: 'E.4.2 never',
    when: (facts) => isDangerous(facts) && isNever(facts) && facts.isConfined && facts.segments !== null,
    then: (facts) =>
      refuse(`known to be dangerous: ${namesOf(facts.dangerous, facts)}; rejected by the approval policy never`),
  },
  {
    id: 'E.4.2',
    when: (facts) => isDangerous(facts) && !isNever(facts),
    then: (facts) =>
      ask(facts, {
        why: `known to be dangerous: ${namesOf(facts.segments ? facts.dangerous : [], facts)}`,
        then: somehow(facts),
      }),
  },
  {
    id: 'E.4.5 untrusted',
    when: (facts) => isUnknown(facts) && isUntrusted(facts),
    then: (facts) =>
      ask(facts, {
        why: `the approval policy is untrusted, and this is not known to be harmless: ${namesOf(facts.unknown, facts)}`,
        then: somehow(facts),
        offers: prefixOffers(facts),
      }),
  },
  // Harmless, allowed, or held by the sandbox.
  { id: 'E.4', when: () => true, then: somehow },
];

/** The whole story of a command, decided before anything runs. */
export const plan = (request: PlanRequest): ExecPlan => {
  const facts = assess(request);
  const row = TABLE.find(({ when }) => when(facts));
  if (!row) throw new Error('the last row fits everything');
  return row.then(facts);
};
