/** Who may import what: the line `machines/protocol ← sandbox ← machines ← actors ← cli`, file by file. Data. */

export interface Layer {
  readonly name: string;
  readonly files: RegExp;
  readonly may: RegExp;
  /** What may be imported as a type, besides. */
  readonly mayAsType?: RegExp;
}

const any = (...patterns: readonly string[]): RegExp => new RegExp(`^(?:${patterns.join('|')})$`);
const NODE = 'node:.+';
const ZOD = 'zod/mini';

/** Through these the command line reaches the rooms below it. A new one is a decision: name it here. */
const DOORS = [
  'actors/(?:contract|runtime|session)\\.ts',
  'actors/index\\.ts', //                    the library is that, and the configuration of the command line
  'actors/wiring\\.ts', //                 `machines` draws the charts that run, wired as they run
  'actors/replay/.+', // a recorded session, fed to the machines again
  'actors/journal/.+', //                    the lists of saved sessions, and what is in them
  'actors/(?:log|fleet)/.+', //              `serve` and `worker` share what is in a log
  'actors/patch/.+', //                      `apply-patch` is a program of its own
  'actors/gate/door\\.ts', //                  and lets a command out to the same hosts
  'actors/processes/(?:residue|status)\\.ts', // `sandbox run` leaves as little behind as a session
  'actors/providers/(?:provider|models)\\.ts', // the configuration names them
  'actors/providers/rehearsal/script\\.ts',
  'machines/protocol/.+',
  'machines/(?:limits|deadlines)\\.ts',
  'sandbox/(?:explain|facts|host|plan|planner|policy|registry)\\.ts', // `sandbox` and `doctor` show them
  'inspector/.+',
];

/** The first that fits a file is its layer. */
export const LAYERS: readonly Layer[] = [
  { name: 'machines/protocol', files: /^machines\/protocol\//, may: any(ZOD, 'machines/protocol/.+') },
  { name: 'machines', files: /^machines\//, may: any('xstate', 'machines/.+'), mayAsType: any('sandbox/plan\\.ts') },
  {
    name: 'sandbox/host',
    files: /^sandbox\/host(?:\.\w+)?\.ts$/,
    may: any(NODE, ZOD, 'sandbox/.+', 'machines/protocol/.+'),
  },
  { name: 'sandbox', files: /^sandbox\//, may: any(ZOD, 'node:path', 'sandbox/.+', 'machines/protocol/.+') },
  {
    name: 'the exec actor',
    files: /^actors\/exec\.actor\.ts$/,
    may: any('execa', 'xstate', NODE, 'actors/.+', 'machines/.+', 'sandbox/.+'),
  },
  {
    name: 'the thread of MCP',
    files: /^actors\/mcp\/worker\.ts$/,
    may: any('@modelcontextprotocol/sdk/.+', NODE, 'actors/mcp/.+', 'machines/.+'),
  },
  {
    name: 'the log in PostgreSQL',
    files: /^actors\/log\/postgres\.log\.ts$/,
    may: any('pg', 'actors/log/.+'),
  },
  {
    name: 'actors',
    files: /^actors\//,
    may: any('xstate', 'rxjs', ZOD, 'eventsource-parser(?:/.+)?', NODE, 'actors/.+', 'machines/.+', 'sandbox/.+'),
  },
  {
    name: 'inspector',
    files: /^inspector\//,
    may: any(
      ...['xstate(?:/.+)?', 'rxjs', ZOD, NODE, 'inspector/.+', 'machines/.+'],
      ...['preact(?:/.+)?', '@preact/signals', 'elkjs(?:/.+)?', '@statelyai/inspect(?:/.+)?', 'esbuild'],
    ),
  },
  {
    name: 'the wire of MCP',
    files: /^cli\/mcp-server\/wire\.ts$/,
    may: any('@modelcontextprotocol/sdk/.+', 'cli/mcp-server/(?:teller|words)\\.ts'),
  },
  {
    name: 'cli',
    files: /^cli\//,
    may: any('rxjs', ZOD, 'zod', 'smol-toml', '@agentclientprotocol/sdk', NODE, 'cli/.+', ...DOORS),
  },
];
