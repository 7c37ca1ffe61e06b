/** What may stand in config.toml: one schema for every layer. The keys are Codex's, so that its users' files make sense here. */
import * as z from 'zod/mini';
import { HostEntry } from '../../sandbox/policy.ts';

const text = z.string();
const texts = z.array(text);
const table = z.record(text, text);
const count = z.int().check(z.nonnegative());
/** Known and left alone: a Codex user's file may carry it, and it changes nothing here. */
const ignored = z.unknown();

const opt = z.optional;

export const ModelProvider = z.looseObject({
  name: opt(text),
  base_url: opt(text),
  env_key: opt(text),
  env_key_instructions: opt(ignored),
  wire_api: opt(z.enum(['responses', 'chat', 'anthropic'])),
  query_params: opt(table),
  http_headers: opt(table),
  env_http_headers: opt(table),
  request_max_retries: opt(count),
  stream_max_retries: opt(count),
  stream_idle_timeout_ms: opt(count),
  requires_openai_auth: opt(ignored),
  experimental_bearer_token: opt(ignored),
  supports_websockets: opt(ignored),
});
export type ModelProvider = z.infer<typeof ModelProvider>;

export const EnvironmentPolicy = z.looseObject({
  inherit: opt(z.enum(['all', 'core', 'none'])),
  ignore_default_excludes: opt(z.boolean()),
  exclude: opt(texts),
  set: opt(table),
  include_only: opt(texts),
  experimental_use_profile: opt(ignored),
});
export type EnvironmentPolicy = z.infer<typeof EnvironmentPolicy>;

const approvalMode = z.enum(['auto', 'prompt', 'approve']);

export const McpServer = z.looseObject({
  command: opt(text),
  args: opt(texts),
  env: opt(table),
  env_vars: opt(texts),
  cwd: opt(text),
  url: opt(text),
  bearer_token_env_var: opt(text),
  http_headers: opt(table),
  env_http_headers: opt(table),
  enabled: opt(z.boolean()),
  required: opt(z.boolean()),
  startup_timeout_sec: opt(z.number()),
  startup_timeout_ms: opt(count),
  tool_timeout_sec: opt(z.number()),
  enabled_tools: opt(texts),
  disabled_tools: opt(texts),
  default_tools_approval_mode: opt(approvalMode),
  tools: opt(z.record(text, z.looseObject({ approval_mode: opt(approvalMode) }))),
});
export type McpServer = z.infer<typeof McpServer>;

const hooks = opt(
  z.array(
    z.looseObject({
      matcher: opt(text),
      hooks: z.array(
        z.looseObject({
          type: opt(text),
          command: opt(text),
          timeout: opt(z.number().check(z.positive())),
          trusted: opt(z.boolean()),
          required: opt(z.boolean()),
          statusMessage: opt(ignored),
          async: opt(ignored),
        }),
      ),
    }),
  ),
);
/** Places, by their names in Claude Code and Codex; those that have no meaning here are known and left alone. */
export const Hooks = z.looseObject({
  ...{ SessionStart: hooks, UserPromptSubmit: hooks, PreToolUse: hooks, PostToolUse: hooks },
  ...{ PermissionRequest: hooks, Stop: hooks },
  ...{ Notification: opt(ignored), SubagentStart: opt(ignored), SubagentStop: opt(ignored), SessionEnd: opt(ignored) },
  ...{ PreCompact: opt(ignored), PostCompact: opt(ignored), state: opt(ignored) },
});

const choices = {
  model: opt(text),
  model_provider: opt(text),
  model_reasoning_effort: opt(text),
  model_reasoning_summary: opt(text),
  approval_policy: opt(z.enum(['untrusted', 'on-failure', 'on-request', 'never'])),
  sandbox_mode: opt(z.enum(['read-only', 'workspace-write', 'danger-full-access'])),
  sandbox_fallback: opt(z.enum(['none', 'landlock'])),
  model_context_window: opt(z.int().check(z.positive())),
  model_auto_compact_token_limit: opt(z.int().check(z.positive())),
  openai_base_url: opt(text),
  sandbox_workspace_write: opt(
    z.looseObject({
      writable_roots: opt(texts),
      network_access: opt(z.union([z.boolean(), z.enum(['off', 'loopback', 'on']), z.array(HostEntry)])),
      exclude_tmpdir_env_var: opt(z.boolean()),
      exclude_slash_tmp: opt(z.boolean()),
    }),
  ),
  shell_environment_policy: opt(EnvironmentPolicy),
  project_doc_max_bytes: opt(count),
  project_doc_fallback_filenames: opt(texts),
  project_root_markers: opt(texts),
  notify: opt(texts),
  hooks: opt(Hooks),
};

const leftAlone = {
  review_model: opt(ignored),
  model_verbosity: opt(ignored),
  model_max_output_tokens: opt(ignored),
  show_raw_agent_reasoning: opt(ignored),
  hide_agent_reasoning: opt(ignored),
  tool_output_token_limit: opt(ignored),
  compact_prompt: opt(ignored),
  developer_instructions: opt(ignored),
  instructions: opt(ignored),
  model_instructions_file: opt(ignored),
  features: opt(ignored),
  tools: opt(ignored),
  web_search: opt(ignored),
  default_permissions: opt(ignored),
  permissions: opt(ignored),
  tui: opt(ignored),
};

export const ConfigFile = z.looseObject({
  ...choices,
  ...leftAlone,
  model_providers: opt(z.record(text, ModelProvider)),
  mcp_servers: opt(z.record(text, McpServer)),
  history: opt(z.looseObject({ persistence: opt(z.enum(['save-all', 'none'])), max_bytes: opt(count) })),
  profile: opt(text),
  profiles: opt(z.record(text, z.looseObject({ ...choices, ...leftAlone }))),
  projects: opt(z.record(text, z.looseObject({ trust_level: opt(z.enum(['trusted', 'untrusted'])) }))),
});
export type ConfigFile = z.infer<typeof ConfigFile>;
