/** Every sub-command: its operands, its flags, and the file that does it, which is loaded only then. */
import type { FlagName } from './flags.ts';
import type { Mode } from './mode.ts';

export interface CommandSpec {
  readonly name: string;
  /** Operands as the help shows them. */
  readonly operands: string;
  /** Operands that may be given at most. */
  readonly maxOperands: number;
  readonly summary: string;
  readonly flags: readonly FlagName[];
  readonly aliases?: readonly string[];
  readonly load: () => Promise<{ readonly run: Mode }>;
}

const RUN = [
  ...(['model', 'profile', 'sandbox', 'approval', 'fullAuto', 'bypass', 'cd', 'addDir', 'image', 'config'] as const),
  ...(['rehearse', 'inspect', 'control', 'plain', 'ephemeral'] as const),
] as const satisfies readonly FlagName[];
const SETUP = ['profile', 'sandbox', 'approval', 'fullAuto', 'bypass', 'cd', 'addDir', 'config', 'model'] as const;

export const CHAT: CommandSpec = {
  name: 'chat',
  operands: '[PROMPT]',
  maxOperands: 1,
  summary: 'the chat, in the current folder',
  flags: RUN,
  load: () => import('./chat.ts'),
};

export const COMMANDS: readonly CommandSpec[] = [
  CHAT,
  {
    name: 'exec',
    aliases: ['e'],
    operands: '[PROMPT] | resume [ID] [PROMPT]',
    maxOperands: 3,
    summary: 'one turn without a person: the final message on stdout, progress on stderr',
    flags: [
      ...RUN,
      ...(['json', 'outputSchema', 'lastMessage', 'skipGitCheck', 'failOnRefusal', 'color'] as const),
      ...(['printSchema', 'last', 'all', 'takeOver', 'remote', 'threadSource', 'cyberAccess'] as const),
    ],
    load: () => import('./exec.ts'),
  },
  {
    name: 'resume',
    operands: '[ID] [PROMPT]',
    maxOperands: 2,
    summary: 'the chat on a saved session; without an ID, a list to choose from',
    flags: [...RUN, 'last', 'all', 'takeOver'],
    load: () => import('./chat.ts'),
  },
  {
    name: 'fork',
    operands: '[ID] [PROMPT]',
    maxOperands: 2,
    summary: 'the chat on a copy of a saved session',
    flags: [...RUN, 'last', 'all', 'before'],
    load: () => import('./chat.ts'),
  },
  {
    name: 'sessions',
    operands: '[WORDS]',
    maxOperands: 1,
    summary: 'lists saved sessions, or those with these words',
    flags: ['json', 'all', 'cd'],
    load: () => import('./sessions.ts'),
  },
  {
    name: 'replay',
    operands: 'ID|FILE',
    maxOperands: 1,
    summary: 'feeds a recorded session to the machines again and compares every fact',
    flags: ['json'],
    load: () => import('./replay.ts'),
  },
  {
    name: 'inspect',
    operands: '[ID|FILE]',
    maxOperands: 1,
    summary: 'the inspector of a session; prints its address',
    flags: ['port', 'control', 'noOpen', 'stately'],
    load: () => import('./inspect.ts'),
  },
  {
    name: 'export',
    operands: 'ID|FILE',
    maxOperands: 1,
    summary: 'one self-contained page of a session (-o FILE.html)',
    flags: ['lastMessage', 'report'],
    load: () => import('./export.ts'),
  },
  {
    name: 'machines',
    operands: '[NAME]',
    maxOperands: 1,
    summary: 'draws the machines that run',
    flags: ['format'],
    load: () => import('./machines.ts'),
  },
  {
    name: 'sandbox',
    operands: 'explain|run -- CMD…',
    maxOperands: Infinity,
    summary: 'prints the plan of a command and runs nothing, or runs it under the policy',
    flags: [...SETUP, 'json'],
    load: () => import('./sandbox.ts'),
  },
  {
    name: 'doctor',
    operands: '',
    maxOperands: 0,
    summary: 'what works here, and how to mend what does not',
    flags: [...SETUP, 'json'],
    load: () => import('./doctor.ts'),
  },
  {
    name: 'acp',
    operands: '',
    maxOperands: 0,
    summary: 'Agent Client Protocol on stdio',
    flags: RUN,
    load: () => import('./acp.ts'),
  },
  {
    name: 'mcp-server',
    operands: '',
    maxOperands: 0,
    summary: 'a tool of other agents: Model Context Protocol on stdio',
    flags: [...SETUP, 'rehearse', 'ephemeral'],
    load: () => import('./mcp-server.ts'),
  },
  {
    name: 'serve',
    operands: '',
    maxOperands: 0,
    summary: 'sessions over HTTP, for programs; on this machine only, unless told otherwise',
    flags: [...SETUP, 'rehearse', 'host', 'port', 'tokenFile', 'log', 'sessions', 'perTenant'],
    load: () => import('./serve.ts'),
  },
  {
    name: 'worker',
    operands: '',
    maxOperands: 0,
    summary: 'runs sessions of a log that many machines share (--log postgres://…)',
    flags: [...SETUP, 'rehearse', 'log', 'sessions', 'perTenant'],
    load: () => import('./worker.ts'),
  },
  {
    name: 'config',
    operands: 'show',
    maxOperands: 1,
    summary: 'the configuration that would be used here',
    flags: [...SETUP, 'origin', 'json', 'rehearse'],
    load: () => import('./config-show.ts'),
  },
  {
    name: 'completion',
    operands: 'bash|zsh|fish',
    maxOperands: 1,
    summary: 'completions for your shell',
    flags: [],
    load: () => import('./completion.ts'),
  },
  {
    name: 'apply-patch',
    operands: '[PATCH]',
    maxOperands: 1,
    summary: 'applies a patch, from stdin or as one argument',
    flags: [],
    load: () => import('./apply-patch-mode.ts'),
  },
];

export const commandNamed = (word: string): CommandSpec | undefined =>
  COMMANDS.find(({ name, aliases }) => name === word || aliases?.includes(word));
