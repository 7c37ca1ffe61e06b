/**
 * What a hook reads on its standard input, and by which names it is chosen. The words are those that the hooks of Claude
 * Code and Codex know, so that a program written for one of them works here. Pure.
 */
import type { HookInput, HookName } from '../../machines/hook.contract.ts';
import { HOOK_INPUT_CHARS } from '../../machines/limits.ts';
import type { CallView } from '../../machines/protocol/index.ts';
import type { HookConfig } from './words.ts';

export interface Surroundings {
  readonly sessionId: string;
  /** null: nothing is written down. */
  readonly journal: string | null;
  readonly cwd: string;
  readonly model: string;
  readonly approval: string;
}

/** The names of the places, as the configuration and the programs have them. */
export const EVENT_NAMES = {
  sessionStart: 'SessionStart',
  promptSubmit: 'UserPromptSubmit',
  beforeTool: 'PreToolUse',
  afterTool: 'PostToolUse',
  approvalRequested: 'PermissionRequest',
  stop: 'Stop',
} as const satisfies Record<HookName, string>;

const COMMAND = 'Bash';
const PATCHES = ['apply_patch', 'Edit', 'Write', 'MultiEdit'] as const;

const nameOf = (view: CallView, tool: string): string => {
  if (view.kind === 'command') return COMMAND;
  return view.kind === 'patch' ? PATCHES[0] : tool;
};

const namesIn = (input: HookInput): readonly string[] | null => {
  switch (input.hook) {
    case 'sessionStart':
      return [input.source];
    case 'promptSubmit':
    case 'stop':
      return null;
    case 'beforeTool':
    case 'afterTool':
    case 'approvalRequested':
      return [input.tool, nameOf(input.view, input.tool), ...(input.view.kind === 'patch' ? PATCHES : [])];
  }
};

/** Of a name so much is looked at; a model may make up longer ones. Characters. */
const MAX_NAME_CHARS = 256;

export const isAbout = ({ hook, matcher }: Pick<HookConfig, 'hook' | 'matcher'>, input: HookInput): boolean => {
  if (hook !== input.hook) return false;
  const names = namesIn(input);
  if (matcher === null || names === null) return true;
  const pattern = new RegExp(`^(?:${matcher})$`, 'u');
  return names.some((name) => pattern.test(name.slice(0, MAX_NAME_CHARS)));
};

const cut = (text: string): string => (text.length <= HOOK_INPUT_CHARS ? text : text.slice(0, HOOK_INPUT_CHARS));

const argumentsOf = (args: string): Readonly<Record<string, unknown>> => {
  try {
    const parsed: unknown = JSON.parse(args);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : { input: parsed };
  } catch {
    return { input: cut(args) }; // as the model wrote it
  }
};

const toolInput = ({ view, args }: { readonly view: CallView; readonly args: string }) => {
  const given = args.length > HOOK_INPUT_CHARS ? { input: cut(args) } : argumentsOf(args);
  if (view.kind === 'command') return { ...given, command: view.command, workdir: view.cwd };
  if (view.kind !== 'patch') return given;
  const paths = view.changes.map(({ path }) => path);
  return { ...given, paths, ...(paths.length === 1 ? { file_path: paths[0] } : {}) };
};

const detailsOf = (input: HookInput): Readonly<Record<string, unknown>> => {
  switch (input.hook) {
    case 'sessionStart':
      return { source: input.source };
    case 'promptSubmit':
      return { turn_id: input.turnId, prompt: cut(input.prompt) };
    case 'stop':
      return {
        turn_id: input.turnId,
        stop_hook_active: input.round > 0,
        last_assistant_message: input.lastAgentMessage === null ? null : cut(input.lastAgentMessage),
      };
    case 'beforeTool':
    case 'afterTool':
    case 'approvalRequested':
      return {
        turn_id: input.turnId,
        tool_use_id: input.callId,
        tool_name: nameOf(input.view, input.tool),
        tool_input: toolInput(input),
        ...(input.hook === 'afterTool' ? { tool_response: { status: input.status, output: cut(input.output) } } : {}),
        ...(input.hook === 'approvalRequested' ? { reason: cut(input.why) } : {}),
      };
  }
};

export const payloadOf = (input: HookInput, { sessionId, journal, cwd, model, approval }: Surroundings): string =>
  JSON.stringify({
    session_id: sessionId,
    transcript_path: journal,
    cwd,
    hook_event_name: EVENT_NAMES[input.hook],
    model,
    permission_mode: approval,
    ...detailsOf(input),
  });
