/**
 * What is known to do no harm, and what is known to do some. Both only decide whether somebody is asked; what a command
 * can reach is the sandbox's business, and a harmless one runs in it like any other.
 *
 * Promise: a program is harmless by name alone (a path could be anything), and only with options on its own list.
 * An option nobody thought of is therefore asked about, and so is an abbreviation of one.
 */
import type { Segment } from './words.ts';

/** Reads the words after the program. */
type Check = (args: readonly string[]) => boolean;

interface Options {
  /** Letters that may be combined behind one dash. */
  readonly short?: string;
  /** Letters that take a value, attached or as the next word; they must be the last of a bundle. */
  readonly shortWithValue?: string;
  readonly long?: readonly string[];
  /** Long options with a value: `--name=value`, or `--name value`. */
  readonly longWithValue?: readonly string[];
  /** Operands; the default is any number. */
  readonly operands?: Check;
  /** `-12`, as in `head -12`. */
  readonly number?: boolean;
}

const anyOperands: Check = () => true;

const readLong = (arg: string, options: Options): 'flag' | 'takesNext' | null => {
  const equals = arg.indexOf('=');
  const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
  // A name on both lists has an optional value, and that is only ever attached.
  if (equals < 0 && options.long?.includes(name)) return 'flag';
  if (!options.longWithValue?.includes(name)) return null;
  return equals < 0 ? 'takesNext' : 'flag';
};

const readShort = (arg: string, options: Options): 'flag' | 'takesNext' | null => {
  if (options.number && /^-\d+$/.test(arg)) return 'flag';
  for (let at = 1; at < arg.length; at += 1) {
    const letter = arg.charAt(at);
    if (options.shortWithValue?.includes(letter)) return at === arg.length - 1 ? 'takesNext' : 'flag';
    if (!options.short?.includes(letter)) return null;
  }
  return 'flag';
};

const only =
  (options: Options): Check =>
  (args) => {
    const operands: string[] = [];
    for (let at = 0; at < args.length; at += 1) {
      const arg = args[at] ?? '';
      if (arg === '--') {
        operands.push(...args.slice(at + 1));
        break;
      }
      if (arg === '-' || !arg.startsWith('-')) {
        operands.push(arg);
        continue;
      }
      const kind = arg.startsWith('--') ? readLong(arg, options) : readShort(arg, options);
      if (kind === null) return false;
      // A value that looks like an option might be one after all: programs differ in what takes a value.
      if (kind === 'takesNext' && (args[++at] ?? '-').startsWith('-')) return false;
    }
    return (options.operands ?? anyOperands)(operands);
  };

const atMost =
  (count: number): Check =>
  (operands) =>
    operands.length <= count;

const any: Check = () => true;

/** find's expression: tests that only look. */
const FIND_WORDS: ReadonlySet<string> = new Set(
  (
    '-maxdepth -mindepth -depth -xdev -mount -name -iname -path -ipath -wholename -regex -iregex -regextype -type -xtype ' +
    '-size -empty -newer -mtime -mmin -atime -amin -ctime -cmin -perm -user -group -uid -gid -links -inum -readable ' +
    '-writable -executable -print -print0 -prune -quit -true -false -not -a -o -and -or -follow -daystart -ls -printf ! , ( ) '
  )
    .trim()
    .split(' '),
);
const find: Check = (args) =>
  args.every((arg) => !arg.startsWith('-') || FIND_WORDS.has(arg) || /^-\d+[a-zA-Z]*$/.test(arg) || arg === '-P');

const SED_PRINT = /^(\d+|\$)(,(\d+|\$))?p$/;
/** Exactly `sed -n 10,20p [FILE]`. A file that begins with a dash would be read as an option: `-fevil.sed`. */
const sed: Check = ([flag, script, file, ...more]) =>
  flag === '-n' &&
  script !== undefined &&
  SED_PRINT.test(script) &&
  (file === undefined || !file.startsWith('-')) &&
  more.length === 0;

const GIT_SHOW = {
  short: 'pqsuwbz',
  shortWithValue: 'nU',
  number: true,
  long: (
    'oneline stat shortstat numstat name-only name-status no-patch patch graph decorate all branches tags remotes no-merges ' +
    'merges first-parent reverse abbrev-commit no-color color no-ext-diff no-textconv cached staged check summary raw ' +
    'minimal ignore-all-space ignore-space-change ignore-blank-lines word-diff follow no-renames quiet exit-code'
  ).split(' '),
  longWithValue:
    'max-count skip since until after before author grep format pretty date unified diff-filter color decorate stat abbrev'.split(
      ' ',
    ),
} satisfies Options;
const GIT: Readonly<Record<string, Check>> = {
  status: only({
    short: 'sbuz',
    long: ['short', 'branch', 'porcelain', 'long', 'show-stash', 'ignored'],
    longWithValue: ['porcelain', 'untracked-files'],
  }),
  log: only(GIT_SHOW),
  diff: only(GIT_SHOW),
  show: only(GIT_SHOW),
  branch: only({
    short: 'avrl',
    long: ['all', 'list', 'remotes', 'show-current', 'verbose', 'no-color'],
    operands: atMost(0),
  }),
};
/** The sub-command must come first: a global option such as `-C` or `-c` changes which configuration is obeyed. */
const git: Check = ([command, ...args]) => (command === undefined ? false : (GIT[command]?.(args) ?? false));

const RG: Options = {
  short: 'aceFhHilLnNopPqsSuUvwx0',
  shortWithValue: 'ABCegmtTMjdE',
  long: (
    'files hidden ignore-case smart-case case-sensitive fixed-strings word-regexp line-regexp count count-matches ' +
    'files-with-matches files-without-match line-number no-line-number no-filename with-filename no-heading heading ' +
    'invert-match only-matching multiline multiline-dotall pcre2 no-ignore no-ignore-vcs json stats quiet text trim ' +
    'column vimgrep null passthru no-messages type-list no-config'
  ).split(' '),
  longWithValue: (
    'glob iglob type type-not max-count max-depth max-columns context after-context before-context color regexp sort ' +
    'sortr threads max-filesize encoding replace'
  ).split(' '),
};

const GREP: Options = {
  short: 'abcEFGhHiIlLnoPqrRsTvwxyzZU',
  shortWithValue: 'ABCDdefm',
  number: true,
  long: (
    'ignore-case invert-match word-regexp line-regexp count files-with-matches files-without-match line-number ' +
    'no-filename with-filename only-matching quiet silent recursive extended-regexp fixed-strings perl-regexp text null'
  ).split(' '),
  longWithValue: 'regexp max-count context after-context before-context color include exclude exclude-dir'.split(' '),
};

/** Reading only. The names `test`, `kill` and other builtins with effects are not here. */
const HARMLESS: Readonly<Record<string, Check>> = {
  cat: only({ short: 'AbeEnstTuv' }),
  cd: only({ short: 'LP', operands: atMost(1) }),
  cut: only({ short: 'nsz', shortWithValue: 'bcdf', longWithValue: ['delimiter', 'fields', 'characters', 'bytes'] }),
  echo: any,
  expr: any,
  false: any,
  find,
  git,
  grep: only(GREP),
  head: only({ short: 'qvz', shortWithValue: 'nc', number: true, longWithValue: ['lines', 'bytes'] }),
  id: only({ short: 'agGnruz' }),
  ls: only({
    short: '1aAbBcCdfFghHiIklLmnNopqQrRsStuUvxXZ',
    shortWithValue: 'wT',
    long: ['all', 'almost-all', 'human-readable', 'recursive', 'reverse', 'size', 'inode', 'directory', 'classify'],
    longWithValue: ['color', 'sort', 'time', 'time-style', 'ignore', 'width', 'format'],
  }),
  nl: only({ shortWithValue: 'bdfhilnsvw', short: 'p' }),
  paste: only({ short: 'sz', shortWithValue: 'd' }),
  pwd: only({ short: 'LP', operands: atMost(0) }),
  rev: only({}),
  rg: only(RG),
  sed,
  seq: only({ short: 'w', shortWithValue: 'fs', number: true }),
  stat: only({ short: 'fLtx', shortWithValue: 'cf', longWithValue: ['format', 'printf'] }),
  tac: only({ short: 'br', shortWithValue: 's' }),
  // Not -f: it never ends.
  tail: only({ short: 'qvz', shortWithValue: 'nc', number: true, longWithValue: ['lines', 'bytes'] }),
  tr: only({ short: 'cCdst', operands: atMost(2) }),
  true: any,
  uname: only({ short: 'amnoprsv' }),
  // The second operand is a file that it writes.
  uniq: only({ short: 'cdDiuz', shortWithValue: 'fsw', operands: atMost(1) }),
  wc: only({ short: 'clLmw', long: ['bytes', 'chars', 'lines', 'words', 'max-line-length'] }),
  which: only({ short: 'as' }),
  whoami: only({ operands: atMost(0) }),
};

const isHarmlessAlone = ([program, ...args]: Segment): boolean =>
  Object.hasOwn(HARMLESS, program) && (HARMLESS[program]?.(args) ?? false);

/** `cd evil && git status`: the folder decides which programs git starts (fsmonitor, filters). */
const followsCd = (segments: readonly Segment[]): boolean => {
  const cd = segments.findIndex(([program]) => program === 'cd');
  return cd >= 0 && segments.slice(cd + 1).some(([program]) => program === 'git');
};

/** True only when every part of it is known to change nothing. `script`: all that runs, where some of it is allowed anyway. */
export const isHarmless = (segments: readonly Segment[], script = segments): boolean =>
  segments.length > 0 && segments.every(isHarmlessAlone) && !followsCd(script);

const baseName = (program: string): string => program.slice(program.lastIndexOf('/') + 1);

/** Programs that start the rest of their words, with the options that take a value of their own. */
const CARRIERS: Readonly<Record<string, string>> = {
  sudo: 'ugCDRTpr',
  doas: 'uC',
  env: 'uS',
  nohup: '',
  xargs: 'IdnPLs',
};

const carried = (program: string, args: readonly string[]): Segment | null => {
  const withValue = CARRIERS[program];
  if (withValue === undefined) return null;
  let at = 0;
  for (; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (/^[A-Za-z_]\w*=/.test(arg)) continue;
    if (!arg.startsWith('-')) break;
    if (arg.length === 2 && withValue.includes(arg.charAt(1))) at += 1;
  }
  const [first, ...rest] = args.slice(at);
  return first === undefined ? null : [first, ...rest];
};

const isForcedRemoval = (args: readonly string[]): boolean =>
  args.some((arg) => arg === '--force' || arg === '--recursive' || /^-[a-zA-Z]*[rRf]/.test(arg));

const DANGEROUS_GIT: ReadonlySet<string> = new Set(['reset', 'rm', 'clean']);
const GIT_GLOBAL_WITH_VALUE: ReadonlySet<string> = new Set(['-C', '-c', '--git-dir', '--work-tree', '--namespace']);

const gitCommand = (args: readonly string[]): string | undefined => {
  let at = 0;
  while (args[at]?.startsWith('-')) at += GIT_GLOBAL_WITH_VALUE.has(args[at] ?? '') ? 2 : 1;
  return args[at];
};

/** Known to destroy work or to reach for more rights: somebody looks at it first, whatever else is allowed. */
export const isDangerous = ([program, ...args]: Segment): boolean => {
  const name = baseName(program);
  if (name === 'rm') return isForcedRemoval(args);
  if (name === 'git') return DANGEROUS_GIT.has(gitCommand(args) ?? '');
  if (name === 'mkfs' || name.startsWith('mkfs.') || name === 'shutdown' || name === 'reboot') return true;
  if (name === 'dd') return args.some((arg) => arg.startsWith('of=/dev/'));
  const inner = carried(name, args);
  return inner !== null && isDangerous(inner);
};
