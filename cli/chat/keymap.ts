/**
 * Which key does what. Pure. A key that the user bound is read as the standard key of that action, so that everything
 * behind it knows one table only; the standard key of an action that was bound elsewhere does nothing any more.
 *
 * Enter, Esc, Ctrl-C and Ctrl-D are nobody's to give away: there is always a way to send, to stop and to leave.
 */
import { nearest } from '../nearest.ts';
import type { Key } from '../render/keys.ts';

export interface ActionSpec {
  readonly key: string;
  readonly does: string;
}
const action = (key: string, does: string): ActionSpec => ({ key, does });

export const ACTIONS = {
  queue: action('tab', 'keeps the words for the next turn; at rest: completes a name'),
  newline: action('alt-enter', 'a new line'),
  search: action('ctrl-r', 'looks for what was typed before'),
  expand: action('ctrl-o', 'the whole output, the whole question'),
  plan: action('ctrl-t', 'the plan'),
  editor: action('ctrl-g', 'writes in your editor'),
  transcript: action('f3', 'the whole conversation in your pager'),
  paste: action('ctrl-v', 'adds the image that was copied'),
  redraw: action('ctrl-l', 'draws the screen again'),
  suspend: action('ctrl-z', 'to the shell; fg comes back'),
  'line-start': action('ctrl-a', 'to the start of the line'),
  'line-end': action('ctrl-e', 'to the end of the line'),
  'word-left': action('alt-b', 'a word to the left'),
  'word-right': action('alt-f', 'a word to the right'),
  'kill-line': action('ctrl-k', 'cuts to the end of the line'),
  'kill-to-start': action('ctrl-u', 'cuts to the start of the line'),
  'kill-word': action('ctrl-w', 'cuts the word before'),
  yank: action('ctrl-y', 'puts back what was cut'),
  undo: action('ctrl-_', 'takes back a change'),
} as const;
export type ActionName = keyof typeof ACTIONS;
const NAMES = Object.keys(ACTIONS) as ActionName[];

const FIXED = ['enter', 'escape', 'ctrl-c', 'ctrl-d'];
const NAMED =
  /^(tab|enter|escape|backspace|delete|insert|home|end|pageup|pagedown|up|down|left|right|space|f[1-4]|[\x21-\x7e])$/;
const ALIASES: Readonly<Record<string, string>> = { esc: 'escape', return: 'enter', control: 'ctrl', meta: 'alt' };

/** `Ctrl+T`, `ctrl-t` → `ctrl-t`; null: no such key. */
export const keyNamed = (written: string): string | null => {
  const parts = written.toLowerCase().split(/[-+](?=.)/);
  const words = parts.map((part) => ALIASES[part] ?? part);
  const name = words.pop() ?? '';
  if (!NAMED.test(name) || words.some((word) => !['ctrl', 'alt', 'shift'].includes(word))) return null;
  return [...['ctrl', 'alt', 'shift'].filter((word) => words.includes(word)), name].join('-');
};

const idOf = ({ ctrl, alt, shift, name }: Key): string =>
  [ctrl && 'ctrl', alt && 'alt', shift && 'shift', name].filter((part) => part !== false).join('-');

const keyOf = (id: string): Key => {
  const words = id.split(/-(?=.)/);
  const has = (word: string) => words.slice(0, -1).includes(word);
  return { name: words.at(-1) ?? '', ctrl: has('ctrl'), alt: has('alt'), shift: has('shift'), text: '' };
};

export interface Keymap {
  /** Null: this key does nothing. */
  readonly bound: ReadonlyMap<string, Key | null>;
  /** The keys of each action. */
  readonly keys: Readonly<Record<ActionName, readonly string[]>>;
}

type Keys = { -readonly [name in ActionName]: readonly string[] };
const standard = (): Keys => {
  const keys: Partial<Keys> = {};
  for (const name of NAMES) keys[name] = [ACTIONS[name].key];
  return keys as Keys;
};

export const STANDARD_KEYS: Keymap = { bound: new Map(), keys: standard() };

type Read = { readonly keys: readonly string[] } | { readonly problem: string };

const readKeys = (name: string, value: unknown): Read => {
  const written = Array.isArray(value) ? value : [value];
  const keys: string[] = [];
  for (const one of written) {
    const id = typeof one === 'string' ? keyNamed(one) : null;
    if (id === null) return { problem: `${name}: there is no key ${JSON.stringify(one)} (for example "ctrl-t", "f3")` };
    if (FIXED.includes(id)) return { problem: `${name}: ${id} cannot be bound, it always sends, stops or leaves` };
    if (/^(shift-)?[\x21-\x7e]$/.test(id)) return { problem: `${name}: ${id} could not be typed any more` };
    keys.push(id);
  }
  return { keys };
};

/** What a keymap file says. Whatever of it is wrong is told, and leaves that action as it was. */
export const readKeymap = (
  file: Readonly<Record<string, unknown>>,
): { readonly keymap: Keymap; readonly problems: readonly string[] } => {
  const problems: string[] = [];
  const keys = standard();
  for (const [name, value] of Object.entries(file)) {
    if (!NAMES.includes(name as ActionName)) {
      const close = nearest(name, NAMES);
      problems.push(`there is no action ${name}${close === null ? '' : `; did you mean ${close}?`}`);
      continue;
    }
    const read = readKeys(name, value);
    if ('problem' in read) problems.push(read.problem);
    else keys[name as ActionName] = read.keys;
  }
  const owner = new Map<string, ActionName>();
  // Who was bound by hand comes first: a standard key gives way, and is told to.
  const isOwn = (name: ActionName) => keys[name].join() !== ACTIONS[name].key;
  for (const name of [...NAMES.filter(isOwn), ...NAMES.filter((name) => !isOwn(name))])
    for (const id of keys[name]) {
      const other = owner.get(id);
      if (other === undefined) owner.set(id, name);
      else {
        problems.push(`${id} is bound twice: it means ${other}, not ${name}`);
        keys[name] = keys[name].filter((key) => key !== id);
      }
    }
  const bound = new Map<string, Key | null>();
  for (const name of NAMES) if (!owner.has(ACTIONS[name].key)) bound.set(ACTIONS[name].key, null);
  for (const [id, name] of owner) if (id !== ACTIONS[name].key) bound.set(id, keyOf(ACTIONS[name].key));
  return { keymap: { bound, keys }, problems };
};

/** Null: the key does nothing. */
export const translate = ({ bound }: Keymap, key: Key): Key | null => {
  const found = bound.get(idOf(key));
  return found === undefined ? key : found;
};
