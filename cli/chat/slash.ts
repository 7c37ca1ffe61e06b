/** The commands that begin with a slash. `/help`, the popup and the parser read this table. */

export interface SlashSpec {
  readonly operand?: string;
  readonly summary: string;
}

const slash = <const S extends SlashSpec>(spec: S): SlashSpec => spec;

export const SLASH = {
  help: slash({ summary: 'what can be typed here' }),
  status: slash({ summary: 'model, tokens, window, sandbox, session' }),
  permissions: slash({ summary: 'what may run without a question, and who said so' }),
  plan: slash({ summary: 'the plan of the model' }),
  ps: slash({ summary: 'what runs now, also in the background' }),
  stop: slash({ operand: '[ID]', summary: 'end what runs in the background, all or one; if nothing does, the turn' }),
  mcp: slash({ summary: 'the servers of tools, and what they have' }),
  hooks: slash({ summary: 'your programs that are asked before a prompt, around a tool, at the end' }),
  diff: slash({ summary: 'what the turn changed' }),
  queue: slash({ operand: 'TEXT', summary: 'words for the next turn' }),
  steer: slash({ operand: 'TEXT', summary: 'words for this turn, now: the half-answer is kept' }),
  interrupt: slash({ summary: 'stop the turn' }),
  compact: slash({ summary: 'replace the conversation by a summary of it' }),
  review: slash({
    operand: '[WHAT]',
    summary: 'let a reviewer look: at the uncommitted changes, `base BRANCH`, `commit SHA`, or what you say',
  }),
  rewind: slash({
    operand: '[TURNS] [files]',
    summary: 'take back the newest turns; with `files` also what they changed on disk',
  }),
  new: slash({ summary: 'a new session' }),
  resume: slash({ summary: 'goes on with another saved session' }),
  fork: slash({ summary: 'a copy of this session, up to words of your choice' }),
  quit: slash({ summary: 'end; nothing stays behind' }),
} as const;

export type SlashName = keyof typeof SLASH;

/** `refusal` says why a command cannot be used at the moment. */
export const slashHelp = (refusal: (name: SlashName) => string | null): readonly string[] => {
  const rows = (Object.keys(SLASH) as SlashName[]).map((name): readonly [string, string] => {
    const { operand, summary } = SLASH[name];
    const why = refusal(name);
    return [
      `/${name}${operand === undefined ? '' : ` ${operand}`}`,
      why === null ? summary : `${summary} (not now: ${why})`,
    ];
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    `  ${'!CMD'.padEnd(width)}  run a command yourself; the model reads the result (!!CMD: it does not)`,
    `  ${'@PATH'.padEnd(width)}  Tab completes the name of a file; an image goes to the model as an image`,
    `  ${'?'.padEnd(width)}  as the first character: the keys that work now`,
  ];
};
