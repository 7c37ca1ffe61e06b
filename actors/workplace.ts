/**
 * The place in which a session works: which sandbox there is, what a call comes to, what the model must know of it.
 * Machines hear of it by reports only.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlanInput, PlanReport } from '../machines/leaves.ts';
import type { Item, PlanInWords } from '../machines/protocol/index.ts';
import type { Opened } from '../machines/session.contract.ts';
import { findHost, probe, probeGate, recordOf, survey, type ProbeRecord } from '../sandbox/host.ts';
import type { ExecPlan, Host } from '../sandbox/plan.ts';
import { plan, withGrants, withHosts } from '../sandbox/planner.ts';
import {
  confines,
  hostsOf,
  networkInWords,
  networkOf,
  withoutNetwork,
  type NetworkAccess,
  type SandboxPolicy,
} from '../sandbox/policy.ts';
import { choose, closed, reasonsAgainst } from '../sandbox/registry.ts';
import { sight } from '../sandbox/sight.ts';
import type { RuntimeConfig } from './contract.ts';
import { since } from './prompt/environment.ts';
import { findProjectDoc } from './prompt/project-doc.ts';
import { findTool, intend } from './tools/registry.ts';
import type { Intent } from './tools/tool.ts';
import { createTurnDiff, gitRootOf, type TurnDiff } from './turn-diff/turn-diff.ts';

export interface Workplace {
  host(): Promise<Host>;
  open(history: readonly Item[]): Promise<Omit<Opened, 'type'>>;
  plan(input: PlanInput): Promise<Omit<PlanReport, 'type' | 'callId'>>;
  diff(turnId: string): Promise<string>;
}

/** A probe costs a process; what it found holds as long as the binary and the kernel are the same. */
export const probed = async (home: string, policy: SandboxPolicy): Promise<Host> => {
  const file = join(home, 'cache', 'probe.json');
  const known = (): ProbeRecord | null => {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as ProbeRecord;
    } catch {
      return null;
    }
  };
  const record = known();
  const basic = await probe(findHost(), record);
  const host = hostsOf(policy) === null ? basic : await probeGate(basic);
  const found = recordOf(host);
  if (found !== null && JSON.stringify(found) !== JSON.stringify(record)) {
    try {
      mkdirSync(join(home, 'cache'), { recursive: true, mode: 0o700 });
      writeFileSync(file, JSON.stringify(found), { mode: 0o600 });
    } catch {
      // a cache; the next start asks again
    }
  }
  return host;
};

/** As the machine's own clock has it. A locale that writes it so would be loaded first, which takes longer than all of this. */
const localDay = (now: Date): string =>
  [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0')).join('-');

const NETWORK = { off: 'network off', loopback: 'network: loopback only', on: 'network on' } as const;
const inWords = (network: NetworkAccess): string =>
  typeof network === 'string' ? NETWORK[network] : `network ${networkInWords(network)}`;
const policyInWords = (policy: SandboxPolicy): string => {
  switch (policy.kind) {
    case 'readOnly':
      return `read-only · ${inWords(policy.network)}`;
    case 'workspaceWrite':
      return `workspace-write · ${inWords(policy.network)}`;
    case 'external':
      return 'confined from outside';
    case 'fullAccess':
      return 'full access';
  }
};

/** The first way to run that the plan knows, so that a cell can say how it will run. */
const firstRun = (step: ExecPlan): PlanInWords | undefined => {
  if (step.step === 'run') return step.spawn.inWords;
  return step.step === 'ask' ? firstRun(step.then) : undefined;
};

const answered = (intent: Extract<Intent, { kind: 'answer' }>): Omit<PlanReport, 'type' | 'callId'> => ({
  view: intent.view,
  plan: { step: 'answer', output: intent.output, succeeded: intent.succeeded },
  isExclusive: false,
  ...(intent.plan === undefined
    ? {}
    : { planUpdate: { explanation: intent.plan.explanation, plan: intent.plan.steps } }),
});

export const createWorkplace = (
  config: RuntimeConfig,
  host: () => Promise<Host>,
  privateTmp: string | null,
): Workplace => {
  const { cwd, env, patchBinary, sandbox, approval, rules, hostRules = [] } = config;
  const hide = [join(config.home, 'sessions')];
  const diffs = new Map<string, TurnDiff>();
  const diffOf = (turnId: string): TurnDiff => {
    const known = diffs.get(turnId) ?? createTurnDiff({ root: gitRootOf(cwd) });
    diffs.set(turnId, known);
    return known;
  };

  const warningsFor = (known: Host): readonly string[] => {
    const barred = hostRules.flatMap(({ host, decision }) => (decision === 'forbidden' ? [host] : []));
    if (barred.length > 0 && networkOf(sandbox) === 'on')
      return [`Nothing keeps commands from ${barred.join(', ')}, as rules want: the network is on for all`];
    const obstacle = closed(known, sandbox);
    if (obstacle !== null)
      return [
        `The network is off, although hosts are listed: ${obstacle.reason} (${obstacle.layer}). ${obstacle.remedy}`,
      ];
    if (!confines(sandbox) || choose(known, sandbox) !== null) return [];
    const reasons = reasonsAgainst(known, sandbox).map(
      ({ layer, reason, remedy }) => `${reason} (${layer}). ${remedy}`,
    );
    const consequence =
      approval === 'never' || !config.isAttended
        ? 'No command can run.'
        : 'Nothing runs here without your approval, and then without a sandbox.';
    return [`No sandbox can be used on this machine: ${reasons.join('; ')} ${consequence}`];
  };

  return {
    host,

    open: async (history) => {
      const known = await host();
      const chosen = choose(known, sandbox);
      const kept = closed(known, sandbox) === null ? withHosts(sandbox, [], hostRules) : withoutNetwork(sandbox);
      const doc = findProjectDoc({
        home: config.home,
        cwd,
        maxBytes: config.projectDocMaxBytes,
        fallbackNames: config.projectDocFallbackFilenames,
        rootMarkers: config.projectRootMarkers,
      });
      const date = localDay(new Date());
      return {
        sandbox: { backend: chosen?.name ?? 'none', sandbox: policyInWords(kept) },
        surroundings: since(history, { cwd, approval, sandbox: kept, shell: known.shell, date }, doc.text),
        warnings: [
          ...warningsFor(known),
          ...(doc.wasCut ? [`AGENTS.md is longer than project_doc_max_bytes; its end was left out`] : []),
        ],
      };
    },

    plan: async ({ turnId, tool, args, grants, refused, purpose }) => {
      const known = await host();
      const seen = () => survey(withGrants(sandbox, grants), cwd, known, { privateTmp, hide });
      const place = {
        ...{ cwd, env, shell: known.shell, patchBinary },
        hidden: () => (confines(sandbox) ? seen().hidden.map(({ path }) => path) : []),
        sight: (real: string) => sight(real, sandbox, seen()),
      };
      const intent = await intend(tool, args, place, purpose);
      if (intent.kind === 'answer') return answered(intent);
      if (intent.kind === 'talk')
        return { view: intent.view, plan: { step: 'talk', talk: intent.talk }, isExclusive: true };
      const { command, view, escalation } = intent;
      if (view.kind === 'patch') diffOf(turnId).watchChanges(view.changes, command.cwd);
      const terrain = survey(withGrants(sandbox, grants), command.cwd, known, {
        privateTmp,
        hide,
        ...(command.writes === undefined ? {} : { writes: command.writes }),
      });
      const planned = plan({
        ...{ command, sandbox, approval, grants, rules, hostRules, escalation, host: known, terrain },
        ...(refused === undefined ? {} : { refused }),
      });
      const inWords = firstRun(planned);
      return {
        view: inWords === undefined || view.kind === 'tool' || view.kind === 'mcp' ? view : { ...view, plan: inWords },
        plan: planned,
        isExclusive: view.kind === 'patch' || findTool(tool)?.isParallel !== true,
      };
    },

    diff: async (turnId) => {
      const known = diffs.get(turnId);
      diffs.delete(turnId);
      return known === undefined ? '' : known.diff();
    },
  };
};
