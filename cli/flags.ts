/** Every flag there is: the parser, `--help` and the shell completions are made from this table. */

export interface FlagSpec {
  readonly name: string;
  readonly short?: string;
  /** Other spellings, understood but not advertised. */
  readonly aliases?: readonly string[];
  /** What stands for the value in the help text. Absent: the flag takes none. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly isRepeatable?: true;
  readonly summary: string;
}

const flag = <const F extends FlagSpec>(spec: F): F => spec;

export const SANDBOX_MODES = ['read-only', 'workspace-write', 'danger-full-access'] as const;
export const APPROVAL_POLICIES = ['untrusted', 'on-failure', 'on-request', 'never'] as const;

export const FLAGS = {
  model: flag({ name: 'model', short: 'm', value: 'NAME', summary: 'the model to ask' }),
  profile: flag({ name: 'profile', short: 'p', value: 'NAME', summary: 'take the settings of profiles.NAME' }),
  sandbox: flag({
    name: 'sandbox',
    short: 's',
    value: 'MODE',
    choices: SANDBOX_MODES,
    summary: 'what commands may touch',
  }),
  approval: flag({
    name: 'ask-for-approval',
    short: 'a',
    value: 'POLICY',
    choices: APPROVAL_POLICIES,
    summary: 'when to ask before something runs (exec: never)',
  }),
  fullAuto: flag({ name: 'full-auto', summary: 'short for --sandbox workspace-write --ask-for-approval on-request' }),
  bypass: flag({
    name: 'dangerously-bypass-approvals-and-sandbox',
    aliases: ['yolo'],
    summary: 'no sandbox and no questions; only inside a container or VM that you can lose',
  }),
  cd: flag({ name: 'cd', short: 'C', value: 'DIR', summary: 'work in this folder' }),
  addDir: flag({ name: 'add-dir', value: 'DIR', isRepeatable: true, summary: 'one more folder that may be written' }),
  image: flag({ name: 'image', short: 'i', value: 'FILE', isRepeatable: true, summary: 'send a picture along' }),
  config: flag({
    name: 'config',
    short: 'c',
    value: 'KEY=VALUE',
    isRepeatable: true,
    summary: 'set one configuration key; VALUE is TOML, else text',
  }),
  rehearse: flag({ name: 'rehearse', value: 'FILE', summary: 'let the embedded model play this script' }),
  inspect: flag({ name: 'inspect', summary: 'serve the inspector of this run' }),
  plain: flag({ name: 'plain', summary: 'lines only: nothing is repainted, no colours' }),
  ephemeral: flag({ name: 'ephemeral', summary: 'write no journal' }),
  json: flag({ name: 'json', aliases: ['experimental-json'], summary: 'JSON on stdout' }),
  outputSchema: flag({
    name: 'output-schema',
    value: 'FILE',
    summary: 'JSON Schema that the final message must match',
  }),
  lastMessage: flag({
    name: 'output-last-message',
    short: 'o',
    value: 'FILE',
    aliases: ['output'],
    summary: 'also write the final message to this file',
  }),
  skipGitCheck: flag({ name: 'skip-git-repo-check', summary: 'accepted for compatibility; any folder will do' }),
  threadSource: flag({
    name: 'thread-source',
    value: 'WORD',
    summary: 'accepted for compatibility; nothing is told of it',
  }),
  cyberAccess: flag({
    name: 'cyber-access-program',
    value: 'WORD',
    summary: 'accepted for compatibility; nothing is told of it',
  }),
  failOnRefusal: flag({ name: 'fail-on-refusal', summary: 'exit 3 if any action was refused' }),
  color: flag({
    name: 'color',
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
    summary: 'colours on stderr',
  }),
  printSchema: flag({ name: 'print-schema', summary: 'print the JSON Schema of the lines of --json, and stop' }),
  last: flag({ name: 'last', summary: 'the newest session of this folder' }),
  before: flag({ name: 'before', value: 'N', summary: 'fork before your message number N, counted from 0' }),
  takeOver: flag({ name: 'take-over', summary: 'of a session that another process writes: from now on it is ours' }),
  all: flag({ name: 'all', summary: 'sessions of every folder' }),
  format: flag({
    name: 'format',
    value: 'FORMAT',
    choices: ['mermaid', 'svg', 'json'],
    summary: 'how the drawing is written',
  }),
  port: flag({ name: 'port', value: 'PORT', summary: 'port on 127.0.0.1 (default: any free one)' }),
  host: flag({ name: 'host', value: 'NAME', summary: 'where to listen (default: 127.0.0.1, this machine only)' }),
  tokenFile: flag({
    name: 'token-file',
    value: 'FILE',
    summary: 'the bearer token (else TURNSTILE_TOKEN, else a new one)',
  }),
  log: flag({
    name: 'log',
    value: 'URL',
    summary: 'postgres://…: sessions are kept there, and shared (or TURNSTILE_LOG)',
  }),
  remote: flag({ name: 'remote', value: 'URL', summary: 'the turn runs at this `turnstile serve` (TURNSTILE_TOKEN)' }),
  sessions: flag({ name: 'sessions', value: 'N', summary: 'sessions that this worker holds at most (default: 200)' }),
  perTenant: flag({ name: 'per-tenant', value: 'N', summary: 'running sessions of one tenant at most (default: 100)' }),
  control: flag({ name: 'control', summary: 'let the page answer and interrupt, not only watch' }),
  report: flag({ name: 'report', summary: 'say what secrets and what else would be in it, and write nothing' }),
  stately: flag({
    name: 'stately',
    value: 'URL',
    summary: "also tell Stately's inspector, by a relay on this machine (ws://127.0.0.1:PORT)",
  }),
  noOpen: flag({ name: 'no-open', summary: 'print the address, do not start a browser' }),
  origin: flag({ name: 'origin', summary: 'say where each value comes from' }),
  help: flag({ name: 'help', short: 'h', summary: 'this text' }),
  version: flag({ name: 'version', short: 'V', summary: 'the version' }),
} as const;

export type FlagName = keyof typeof FLAGS;
export const isFlagName = (name: string): name is FlagName => name in FLAGS;
export const FLAG_NAMES = Object.keys(FLAGS).filter(isFlagName);

/** The value of a flag as it was given: `true`, one text, or all the texts of a repeatable one. */
type ValueOf<F extends FlagSpec> = F extends { isRepeatable: true }
  ? readonly string[]
  : F extends { choices: readonly (infer C)[] }
    ? C
    : F extends { value: string }
      ? string
      : true;
export type Flags = { readonly [K in FlagName]?: ValueOf<(typeof FLAGS)[K]> };
