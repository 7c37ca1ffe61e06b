/**
 * What the end of a hook's process means, and what all of them together say. The words are those of Claude Code and Codex:
 * code 2 is a no with standard error as its reason; code 0 may come with JSON; whatever else is a failure. Pure.
 *
 * A yes gives nothing that was not there without it. A failure is a warning, and a no where the hook is required.
 */
import * as z from 'zod/mini';
import type { HookName, HookReport, HookVerdict } from '../../machines/hook.contract.ts';
import { HOOK_OUTPUT_BYTES, HOOK_TEXT_CHARS } from '../../machines/limits.ts';
import type { ExecEnding } from '../../sandbox/plan.ts';
import { EVENT_NAMES } from './payload.ts';
import type { HookConfig } from './words.ts';

export interface Ended {
  readonly ending: ExecEnding;
  readonly stdout: string;
  readonly stderr: string;
  /** It printed more than it may. */
  readonly isTooLong: boolean;
}

export type Said = Omit<HookReport, 'type' | 'hook'>;

const text = z.optional(z.string());
const Answer = z.looseObject({
  continue: z.optional(z.boolean()),
  stopReason: text,
  decision: z.optional(z.enum(['block', 'deny', 'ask', 'allow', 'approve'])),
  reason: text,
  systemMessage: text,
  additionalContext: text,
  hookSpecificOutput: z.optional(
    z.looseObject({
      permissionDecision: z.optional(z.enum(['allow', 'deny', 'ask'])),
      permissionDecisionReason: text,
      additionalContext: text,
      decision: z.optional(z.looseObject({ behavior: z.enum(['allow', 'deny']), message: text })),
    }),
  ),
});
type Answer = z.infer<typeof Answer>;

const PASSED: HookVerdict = { kind: 'passed' };
const NO_REASON = 'no reason was given';

const cut = (words: string): string => {
  const trimmed = words.trim();
  return trimmed.length <= HOOK_TEXT_CHARS ? trimmed : `${trimmed.slice(0, HOOK_TEXT_CHARS)}…`;
};
const quoted = (words: string | undefined): string => cut(words ?? '') || NO_REASON;

const verdictIn = (hook: HookName, answer: Answer): HookVerdict => {
  const own = answer.hookSpecificOutput ?? {};
  // At the end of a turn "stop" is what happens anyway.
  if (answer.continue === false && hook !== 'stop')
    return { kind: 'blocked', reason: quoted(answer.stopReason ?? answer.reason) };
  const decided = own.permissionDecision ?? own.decision?.behavior ?? answer.decision;
  const reason = quoted(own.permissionDecisionReason ?? own.decision?.message ?? answer.reason);
  if (decided === 'block' || decided === 'deny') return { kind: 'blocked', reason };
  return decided === 'ask' ? { kind: 'asked', reason } : PASSED;
};

const inWords = (ending: ExecEnding): string => {
  switch (ending.kind) {
    case 'exited':
      return `it ended with code ${ending.code}`;
    case 'signalled':
      return `it was ended by ${ending.signal}`;
    case 'timedOut':
      return `it took longer than ${ending.afterMs} milliseconds`;
    case 'unstarted':
    case 'setupFailed':
      return `it could not be started: ${ending.reason}`;
    case 'cancelled':
    case 'unknown':
      return 'it was ended';
  }
};

const NAME_CHARS = 80;
const naming = ({ hook, command }: Pick<HookConfig, 'hook' | 'command'>): string =>
  `${EVENT_NAMES[hook]} hook \`${command.length <= NAME_CHARS ? command : `${command.slice(0, NAME_CHARS)}…`}\``;

/** It could not be asked, or did not say anything that can be understood. */
export const failed = (config: Pick<HookConfig, 'hook' | 'command' | 'isRequired'>, why: string): Said => ({
  verdict: config.isRequired ? { kind: 'blocked', reason: `a required hook failed: ${why}` } : PASSED,
  context: '',
  warnings: [`${naming(config)}: ${why}`],
});

/** A place that takes no such answer: it is told to the user, and nothing else comes of it. */
const withoutEffect = (hook: HookName, { kind }: HookVerdict): boolean =>
  (hook === 'sessionStart' && kind === 'blocked') || (hook !== 'beforeTool' && kind === 'asked');

const heard = (config: HookConfig, verdict: HookVerdict, context: string, notes: readonly string[]): Said => {
  if (!withoutEffect(config.hook, verdict)) return { verdict, context, warnings: notes };
  const reason = 'reason' in verdict ? verdict.reason : '';
  return { verdict: PASSED, context, warnings: [...notes, `${naming(config)} has nothing to decide: ${reason}`] };
};

export const saidBy = (config: HookConfig, { ending, stdout, stderr, isTooLong }: Ended): Said => {
  if (isTooLong) return failed(config, `it printed more than ${HOOK_OUTPUT_BYTES} bytes`);
  if (ending.kind === 'exited' && ending.code === 2)
    return heard(config, { kind: 'blocked', reason: quoted(stderr) }, '', []);
  const grumbling = cut(stderr);
  if (ending.kind !== 'exited' || ending.code !== 0)
    return failed(config, `${inWords(ending)}${grumbling === '' ? '' : `; it said: ${grumbling}`}`);

  const words = stdout.trim();
  if (!words.startsWith('{')) {
    const isContext = config.hook === 'sessionStart' || config.hook === 'promptSubmit';
    return { verdict: PASSED, context: isContext ? cut(words) : '', warnings: [] };
  }
  let answer: Answer;
  try {
    const parsed = Answer.safeParse(JSON.parse(words));
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return failed(config, `its answer is not understood: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
    }
    answer = parsed.data;
  } catch {
    return failed(config, 'its answer begins like JSON and is none');
  }
  const context = cut(answer.hookSpecificOutput?.additionalContext ?? answer.additionalContext ?? '');
  const notes = answer.systemMessage === undefined ? [] : [cut(answer.systemMessage)];
  return heard(config, verdictIn(config.hook, answer), context, notes);
};

/** One no is a no; else one question is a question. What they add is added in the order of the configuration. */
export const together = (all: readonly Said[]): Said => ({
  verdict:
    all.find(({ verdict }) => verdict.kind === 'blocked')?.verdict ??
    all.find(({ verdict }) => verdict.kind === 'asked')?.verdict ??
    PASSED,
  context: all
    .map(({ context }) => context)
    .filter((context) => context !== '')
    .join('\n\n'),
  warnings: all.flatMap(({ warnings }) => warnings),
});
