/**
 * The hooks of one session: those that an event concerns are run side by side, each in the sandbox of the session unless
 * the user's own configuration says that it may run as the user. What goes wrong is in the answer; this never fails.
 */
import { messageOf } from '../../machines/kit.ts';
import { direct } from '../../sandbox/backends/direct.backend.ts';
import { survey } from '../../sandbox/host.ts';
import type { Command, ExecEnding, Host, Spawn } from '../../sandbox/plan.ts';
import { confines, hostsOf, withoutNetwork, type SandboxPolicy } from '../../sandbox/policy.ts';
import { choose } from '../../sandbox/registry.ts';
import type { Processes } from '../processes/processes.ts';
import { isAbout, payloadOf, type Surroundings } from './payload.ts';
import { runHook, type RunHook } from './run.ts';
import { failed, saidBy, together, type Said } from './verdict.ts';
import type { AskHooks, HookConfig } from './words.ts';

export interface HooksDeps {
  readonly hooks: readonly HookConfig[];
  readonly about: Surroundings;
  readonly env: Readonly<Record<string, string>>;
  readonly sandbox: SandboxPolicy;
  readonly host: () => Promise<Host>;
  /** What stands in for /tmp, and what nobody may read. */
  readonly privateTmp: string | null;
  readonly hide: readonly string[];
  readonly processes: Processes;
  /** `word` ties a beginning to its end. */
  readonly began: (word: string, hook: HookConfig, spawn: Spawn) => ReturnType<RunHook['began']>;
  readonly ended: (word: string, ending: ExecEnding) => void;
}

const SHELL = '/bin/sh';

const NOWHERE =
  'no sandbox can be used here, and outside of one it may not run; `trusted = true` in your own configuration lets it';

/** A text: why it cannot run. */
const confined = (command: Command, config: HookConfig, host: Host, deps: HooksDeps): Spawn | string => {
  const { sandbox, privateTmp, hide } = deps;
  // Hosts are let through for commands only.
  const policy = hostsOf(sandbox) === null ? sandbox : withoutNetwork(sandbox);
  const isFree = config.runsAs === 'user' || !confines(policy);
  const backend = isFree ? direct : choose(host, policy);
  if (backend === null) return NOWHERE;
  const terrain = survey(policy, command.cwd, host, { privateTmp, hide });
  return backend.confine(command, isFree ? { kind: 'fullAccess' } : policy, terrain, host);
};

export const createHooks = (deps: HooksDeps): AskHooks => {
  const { hooks, about, env, host, processes, began, ended } = deps;

  const askOne = async (config: HookConfig, input: string, signals: Parameters<AskHooks>[1]): Promise<Said> => {
    const command: Command = {
      ...{ argv: [SHELL, '-c', config.command], cwd: about.cwd, env, timeoutMs: config.timeoutMs },
      ...{ input, isOwn: true },
    };
    const spawn = confined(command, config, await host(), deps);
    if (typeof spawn === 'string') return failed(config, spawn);
    const written = { word: null as string | null };
    const end = await runHook({
      ...{ spawn, processes, signals },
      began: (word) => {
        written.word = word;
        return began(word, config, spawn);
      },
    });
    if (written.word !== null) ended(written.word, end.ending);
    return saidBy(config, end);
  };

  return async (input, signals) => {
    const chosen = hooks.filter((config) => isAbout(config, input));
    const payload = chosen.length === 0 ? '' : payloadOf(input, about);
    const all = await Promise.all(
      chosen.map((config) =>
        askOne(config, payload, signals).catch((error: unknown) => failed(config, messageOf(error))),
      ),
    );
    const { hook } = input;
    if (signals.cancel.aborted) return { hook, verdict: { kind: 'cancelled' }, context: '', warnings: [] };
    return { hook, ...together(all) };
  };
};
