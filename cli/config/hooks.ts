/** `[hooks]` → the programs that are asked, in the order in which they stand. Pure; a text for what cannot be meant. */
import type { RuntimeConfig } from '../../actors/contract.ts';
import { HOOK_MAX_MS, HOOK_MS, MAX_HOOKS } from '../../machines/limits.ts';
import type { ConfigFile } from './keys.ts';
import { isTree, type Tree } from './tree.ts';

type Hook = NonNullable<RuntimeConfig['hooks']>[number];
type Place = Hook['hook'];

/** The words of Claude Code and Codex for the places. */
const PLACES = {
  SessionStart: 'sessionStart',
  UserPromptSubmit: 'promptSubmit',
  PreToolUse: 'beforeTool',
  PostToolUse: 'afterTool',
  PermissionRequest: 'approvalRequested',
  Stop: 'stop',
} as const satisfies Readonly<Record<string, Place>>;
type Event = keyof typeof PLACES;
const EVENTS = Object.keys(PLACES) as readonly Event[];
/** The word that the user wrote. */
export const eventOf = (place: Place): string => EVENTS.find((event) => PLACES[event] === place) ?? place;

/** Where a hook that cannot be asked may count as a no. */
const MAY_BE_REQUIRED: ReadonlySet<Place> = new Set<Place>(['beforeTool', 'promptSubmit']);
/** Everything there is. */
const ALL: ReadonlySet<string> = new Set(['', '*', '.*']);

const isPattern = (text: string): boolean => {
  try {
    return new RegExp(`^(?:${text})$`, 'u') instanceof RegExp;
  } catch {
    return false;
  }
};

export interface Hooks {
  readonly hooks: readonly Hook[];
  readonly warnings: readonly string[];
}

export const hooksOf = ({ hooks: given = {} }: ConfigFile): Hooks | string => {
  const hooks: Hook[] = [];
  const warnings: string[] = [];
  for (const event of EVENTS)
    for (const [at, { matcher = '', hooks: entries }] of (given[event] ?? []).entries()) {
      const where = `hooks.${event}[${at}]`;
      if (!ALL.has(matcher) && !isPattern(matcher))
        return `${where}.matcher is ${JSON.stringify(matcher)}; expected a regular expression`;
      for (const { type = 'command', command, timeout, trusted, required } of entries) {
        const hook = PLACES[event];
        if (type !== 'command' || command === undefined || command.trim() === '') {
          warnings.push(`${where}: a hook of the type ${type} is left out; what runs here is a command`);
          continue;
        }
        if (hooks.filter((one) => one.hook === hook).length >= MAX_HOOKS)
          return `${where}: there are more than ${MAX_HOOKS} hooks of ${event}`;
        if (required === true && !MAY_BE_REQUIRED.has(hook))
          warnings.push(`${where}: required means something for PreToolUse and UserPromptSubmit only`);
        hooks.push({
          ...{ hook, command, matcher: ALL.has(matcher) ? null : matcher },
          timeoutMs: timeout === undefined ? HOOK_MS : Math.min(HOOK_MAX_MS, Math.max(1, Math.round(timeout * 1_000))),
          runsAs: trusted === true ? 'user' : 'sandbox',
          isRequired: required === true && MAY_BE_REQUIRED.has(hook),
        });
      }
    }
  return { hooks, warnings };
};

/** To leave the sandbox is the user's to allow, in their own file or on their own command line. */
const distrusted = (hooks: Tree): Tree =>
  Object.fromEntries(
    Object.entries(hooks).map(([event, groups]) => [
      event,
      Array.isArray(groups)
        ? groups.map((group: unknown) =>
            isTree(group) && Array.isArray(group['hooks'])
              ? {
                  ...group,
                  hooks: group['hooks'].map((entry: unknown) => (isTree(entry) ? { ...entry, trusted: false } : entry)),
                }
              : group,
          )
        : groups,
    ]),
  );

const trustsOne = (hooks: Tree): boolean =>
  Object.values(hooks).some(
    (groups) =>
      Array.isArray(groups) &&
      groups.some(
        (group: unknown) =>
          isTree(group) &&
          Array.isArray(group['hooks']) &&
          group['hooks'].some((entry: unknown) => isTree(entry) && entry['trusted'] === true),
      ),
  );

/** The configuration of a project, without the trust that it has in its own hooks. */
export const withoutTrust = (tree: Tree): { readonly tree: Tree; readonly isLess: boolean } => {
  const parts = [tree, ...Object.values(isTree(tree['profiles']) ? tree['profiles'] : {})].filter(isTree);
  if (!parts.some(({ hooks }) => isTree(hooks) && trustsOne(hooks))) return { tree, isLess: false };
  const less = (part: Tree): Tree => (isTree(part['hooks']) ? { ...part, hooks: distrusted(part['hooks']) } : part);
  const profiles = tree['profiles'];
  return {
    tree: {
      ...less(tree),
      ...(isTree(profiles)
        ? {
            profiles: Object.fromEntries(
              Object.entries(profiles).map(([name, part]) => [name, isTree(part) ? less(part) : part]),
            ),
          }
        : {}),
    },
    isLess: true,
  };
};
