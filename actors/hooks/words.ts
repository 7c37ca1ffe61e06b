/** What a configured hook is, and what is asked of all of them together. Data only. */
import type { HookInput, HookName, HookPoint, HookPoints, HookReport } from '../../machines/hook.contract.ts';

export interface HookConfig {
  readonly hook: HookName;
  /** Whole names, as a regular expression; null: whatever it is about. */
  readonly matcher: string | null;
  /** For `/bin/sh -c`. */
  readonly command: string;
  readonly timeoutMs: number;
  /** `sandbox`: where commands of the model run, and without a network to choose. `user`: like a program of the user's own. */
  readonly runsAs: 'sandbox' | 'user';
  /** What cannot be asked counts as a no. */
  readonly isRequired: boolean;
}

/** Resolves when nothing of them is left; never rejects. `stop`: at once, and nobody listens any more. */
export type AskHooks = (
  input: HookInput,
  signals: { readonly cancel: AbortSignal; readonly stop: AbortSignal },
) => Promise<Omit<HookReport, 'type'>>;

/** What the machines are told of the hooks there are. */
export const pointsOf = (hooks: readonly HookConfig[]): HookPoints => {
  const points: Partial<Record<HookName, HookPoint>> = {};
  for (const { hook, timeoutMs, isRequired } of hooks) {
    const before = points[hook];
    points[hook] = {
      waitMs: Math.max(before?.waitMs ?? 0, timeoutMs),
      isRequired: isRequired || before?.isRequired === true,
    };
  }
  return points;
};
