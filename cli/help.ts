/** `--help`, made from the tables of flags and commands. Pure. */
import { CHAT, COMMANDS, type CommandSpec } from './commands.ts';
import { FLAGS, type FlagName, type FlagSpec } from './flags.ts';

const flagLine = (name: FlagName): readonly [string, string] => {
  const spec: FlagSpec = FLAGS[name];
  const short = spec.short === undefined ? '    ' : `-${spec.short}, `;
  const choices = spec.choices === undefined ? '' : `: ${spec.choices.join(', ')}`;
  return [`${short}--${spec.name}${spec.value === undefined ? '' : ` ${spec.value}`}`, spec.summary + choices];
};

const table = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.min(30, Math.max(...rows.map(([left]) => left.length)));
  return rows
    .map(([left, right]) =>
      left.length > width ? `  ${left}\n  ${' '.repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`,
    )
    .join('\n');
};

const flagsOf = ({ flags }: CommandSpec): string =>
  table([...flags, 'help' as const, 'version' as const].map(flagLine));

const EXIT_CODES = `Exit codes
  0 done · 1 the turn failed · 2 usage or configuration · 3 stopped for want of an approval · 4 context window exceeded
  5 the output does not match the schema · 6 sandbox unavailable · 8 a limit was reached · 130 SIGINT · 143 SIGTERM`;

const overview = (): string =>
  [
    'turnstile: an agent runtime that you can see, interrupt and replay',
    '',
    'Usage',
    `  turnstile [flags] ${CHAT.operands}`,
    '  turnstile COMMAND [flags] …',
    '',
    'Commands',
    table(COMMANDS.filter((command) => command !== CHAT).map((c) => [`${c.name} ${c.operands}`.trim(), c.summary])),
    '',
    'Flags of the chat (turnstile COMMAND --help shows those of a command)',
    flagsOf(CHAT),
    '',
  ].join('\n');

export const helpText = (command: CommandSpec | null): string =>
  command === null
    ? overview()
    : [
        `turnstile ${command === CHAT ? '' : command.name} ${command.operands}`.replace(/ +/g, ' ').trim(),
        `  ${command.summary}`,
        '',
        'Flags',
        flagsOf(command),
        ...(command.name === 'exec' ? ['', EXIT_CODES] : []),
        '',
      ].join('\n');
