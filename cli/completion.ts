/** `turnstile completion SHELL`: made from the same tables as the parser and the help. */
import { CHAT, COMMANDS, type CommandSpec } from './commands.ts';
import { FLAGS, type FlagName, type FlagSpec } from './flags.ts';
import { UsageError, type Mode } from './mode.ts';

const spec = (name: FlagName): FlagSpec => FLAGS[name];
const flagsOf = (command: CommandSpec): readonly FlagSpec[] => [...command.flags, 'help' as const].map(spec);
const long = (command: CommandSpec): string =>
  flagsOf(command)
    .map(({ name }) => `--${name}`)
    .join(' ');
const named = COMMANDS.filter((command) => command !== CHAT);
const WORDS: Readonly<Record<string, string>> = {
  sandbox: 'explain run',
  config: 'show',
  completion: 'bash zsh fish',
  exec: 'resume',
};
const choosing = (Object.keys(FLAGS) as FlagName[]).map(spec).filter(({ choices }) => choices !== undefined);
const FILES = ['image', 'rehearse', 'output-schema', 'output-last-message'];
const FOLDERS = ['cd', 'add-dir'];

const bash = (): string => `# eval "$(turnstile completion bash)"
_turnstile() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} word command=chat
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${named.map(({ name }) => name).join('|')}) command=$word; break ;; esac
  done
  case $prev in
${choosing.map(({ name, short, choices }) => `    --${name}${short === undefined ? '' : `|-${short}`}) COMPREPLY=($(compgen -W "${choices?.join(' ') ?? ''}" -- "$cur")); return ;;`).join('\n')}
    ${FILES.map((name) => `--${name}`).join('|')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    ${FOLDERS.map((name) => `--${name}`).join('|')}|-C) COMPREPLY=($(compgen -d -- "$cur")); return ;;
  esac
  case $command in
    chat) COMPREPLY=($(compgen -W "${named.map(({ name }) => name).join(' ')} ${long(CHAT)}" -- "$cur")) ;;
${named.map((command) => `    ${command.name}) COMPREPLY=($(compgen -W "${[WORDS[command.name] ?? '', long(command)].join(' ').trim()}" -- "$cur")) ;;`).join('\n')}
  esac
}
complete -o default -F _turnstile turnstile
`;

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const zshFlag = ({ name, short, value, choices, summary }: FlagSpec): string => {
  const text = summary.replace(/[[\]:]/g, ' ');
  const action =
    value === undefined
      ? ''
      : `:${value}:${choices === undefined ? (FOLDERS.includes(name) ? '_files -/' : FILES.includes(name) ? '_files' : ' ') : `(${choices.join(' ')})`}`;
  const one = (flag: string) => quoted(`${flag}[${text}]${action}`);
  return [one(`--${name}`), ...(short === undefined ? [] : [one(`-${short}`)])].join(' ');
};

const zsh = (): string => `#compdef turnstile
# turnstile completion zsh > "\${fpath[1]}/_turnstile"
_turnstile() {
  local command=chat word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case $word in ${named.map(({ name }) => name).join('|')}) command=$word; break ;; esac
  done
  case $command in
    chat) if [[ $words[CURRENT] != -* ]]; then
        local -a commands; commands=(${named.map(({ name, summary }) => quoted(`${name}:${summary}`)).join(' ')})
        _describe command commands
      fi
      _arguments ${flagsOf(CHAT).map(zshFlag).join(' ')} ;;
${named.map((command) => `    ${command.name}) _arguments ${flagsOf(command).map(zshFlag).join(' ')} '*:operand:(${WORDS[command.name] ?? ''})' ;;`).join('\n')}
  esac
}
_turnstile "$@"
`;

const fishFlag = (condition: string, { name, short, value, choices, summary }: FlagSpec): string =>
  [
    `complete -c turnstile -n ${quoted(condition)} -l ${name}`,
    short === undefined ? '' : `-s ${short}`,
    value === undefined ? '' : FILES.includes(name) || FOLDERS.includes(name) ? '-r' : '-x',
    choices === undefined ? '' : `-a ${quoted(choices.join(' '))}`,
    `-d ${quoted(summary)}`,
  ]
    .filter((part) => part !== '')
    .join(' ');

const fish = (): string =>
  [
    '# turnstile completion fish > ~/.config/fish/completions/turnstile.fish',
    ...named.map(
      ({ name, summary }) => `complete -c turnstile -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ),
    ...flagsOf(CHAT).map((flag) => fishFlag('__fish_use_subcommand', flag)),
    ...named.flatMap((command) => {
      const condition = `__fish_seen_subcommand_from ${command.name}`;
      const words = WORDS[command.name];
      return [
        ...(words === undefined ? [] : [`complete -c turnstile -n ${quoted(condition)} -f -a ${quoted(words)}`]),
        ...flagsOf(command).map((flag) => fishFlag(condition, flag)),
      ];
    }),
    '',
  ].join('\n');

const SHELLS: Readonly<Record<string, () => string>> = { bash, zsh, fish };

export const run: Mode = async ({ operands: [shell] }, { streams }) => {
  const write = shell !== undefined && Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (write === undefined) throw new UsageError(`completion for which shell? ${Object.keys(SHELLS).join(', ')}`);
  streams.out(write());
  return 0;
};
