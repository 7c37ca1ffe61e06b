/** The tools at work: arguments → a session within its bounds → the answer. What goes wrong is an answer too, never thrown. */
import type { OpenOptions, RuntimeConfig } from '../../actors/contract.ts';
import { resolveConfig } from '../config.ts';
import type { Flags } from '../flags.ts';
import type { Surroundings } from '../mode.ts';
import type { OpenSession } from '../open.ts';
import { folderFor, sandboxFor } from './bounds.ts';
import { createThreads } from './threads.ts';
import { answerOf, Continue, misfit, refusal, Start, START } from './tools.ts';
import type { Answer, Caller, WirePorts } from './words.ts';

export interface Service {
  readonly call: WirePorts['call'];
  /** Nothing is left of any session when it resolves. */
  readonly close: () => Promise<void>;
}

export interface ServiceDeps {
  readonly open: OpenSession;
  readonly flags: Flags;
  readonly surroundings: Surroundings;
  /** What holds where the server was started. */
  readonly base: RuntimeConfig;
}

const isUsageError = (error: unknown): error is Error => error instanceof Error && error.name === 'UsageError';

export const createService = ({ open, flags, surroundings, base }: ServiceDeps): Service => {
  const { env, version, cwd: startedIn } = surroundings;
  const threads = createThreads();

  const configFor = async (cwd: string, { ask }: Caller, more: Pick<Flags, 'model' | 'sandbox'> = {}) => {
    const isAttended = ask !== null && flags.approval !== 'never';
    const resolved = async (own: Flags) =>
      (await resolveConfig({ flags: own, env, version, cwd: startedIn, isAttended })).runtime;
    const given = { ...flags, cd: cwd, ...(more.model !== undefined && { model: more.model }) };
    const most = await resolved(given);
    if (more.sandbox === undefined) return most;
    return resolved({ ...given, sandbox: sandboxFor(more.sandbox, most.sandbox) });
  };

  const start = async (args: unknown, caller: Caller): Promise<Answer> => {
    const { data, error } = Start.safeParse(args);
    if (data === undefined) return misfit(error);
    const { prompt, cwd: wanted, model, sandbox } = data;
    const cwd = folderFor(wanted, base.cwd, flags.addDir ?? []);
    const config = await configFor(cwd, caller, {
      ...(model !== undefined && { model }),
      ...(sandbox !== undefined && { sandbox }),
    });
    const talk = await threads.start(cwd, (options) => open(config, options));
    return answerOf(talk.id, await talk.say(prompt, caller));
  };
  const goOn = async (args: unknown, caller: Caller): Promise<Answer> => {
    const { data, error } = Continue.safeParse(args);
    if (data === undefined) return misfit(error);
    const reopen = async (cwd: string, options: OpenOptions) =>
      open(await configFor(folderFor(cwd, base.cwd, flags.addDir ?? []), caller), options);
    const talk = await threads.find(data.threadId, base.home, reopen);
    return answerOf(talk.id, await talk.say(data.prompt, caller));
  };

  return {
    call: async (tool, args, caller) => {
      try {
        return await (tool === START ? start : goOn)(args, caller);
      } catch (error) {
        if (isUsageError(error)) return refusal(error.message);
        throw error;
      }
    },
    close: threads.close,
  };
};
