/** Bytes of a terminal → keys. Pure. What may be the beginning of a longer sequence is left over until more comes, or until it is flushed. */

export interface Key {
  readonly name: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  /** What is to be inserted: of a printable key, or of a paste. */
  readonly text: string;
}

const PASTE_BEGIN = '\x1b[200~';
const PASTE_END = '\x1b[201~';

const key = (name: string, more: Partial<Key> = {}): Key => ({
  name,
  ctrl: false,
  alt: false,
  shift: false,
  text: '',
  ...more,
});

const FINAL: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'tab',
  I: 'focus',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};
/** `CSI O`, while `SS3 O` is nothing: the terminal lost the focus. */
const BLUR = '\x1b[O';

const TILDE: Readonly<Record<string, string>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'pageup',
  6: 'pagedown',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
};
/** Codepoints by which terminals with the `CSI u` protocol name keys. */
const CODES: Readonly<Record<string, string>> = { 9: 'tab', 13: 'enter', 27: 'escape', 127: 'backspace' };

const modified = (code: string | undefined): Partial<Key> => {
  const bits = Math.max(0, Number(code ?? 1) - 1);
  return { shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0 };
};

const csi = (params: string, final: string): Key | null => {
  const [first = '', second] = params.split(';');
  if (final === '~') {
    const name = TILDE[first];
    return name === undefined ? null : key(name, modified(second));
  }
  if (final === 'u') {
    const name = CODES[first] ?? String.fromCodePoint(Number(first) || 0x20);
    const { ctrl = false, alt = false, shift = false } = modified(second);
    const isText = CODES[first] === undefined && !ctrl && !alt;
    return key(name, { ctrl, alt, shift, text: isText ? name : '' });
  }
  const name = FINAL[final];
  if (name === undefined) return null;
  return key(name, { ...modified(second), ...(final === 'Z' && { shift: true }) });
};

const control = (character: string): Key => {
  switch (character) {
    case '\r':
      return key('enter');
    case '\n':
      return key('j', { ctrl: true });
    case '\t':
      return key('tab');
    case '\x7f':
    case '\b':
      return key('backspace');
    case '\x1b':
      return key('escape');
    case '\0':
      return key('space', { ctrl: true });
    case '\x1f':
      return key('_', { ctrl: true });
    default:
      return key(String.fromCharCode(character.charCodeAt(0) + 0x60), { ctrl: true });
  }
};

const SEQUENCE = /^\x1b(?:\[([0-9;:<=>?]*)([ -/]*)([@-~])|O([A-Za-z]))/;
/** Could become a sequence: ESC alone, or one that has no final byte yet. */
const UNFINISHED = /^\x1b(?:\[[0-9;:<=>?]*[ -/]*|O)?$/;

/** `isFlush`: nothing more comes for now, so a lone ESC is the Escape key. */
export const readKeys = (bytes: string, isFlush: boolean): readonly [keys: readonly Key[], rest: string] => {
  const keys: Key[] = [];
  let left = bytes;
  while (left !== '') {
    if (left.startsWith(PASTE_BEGIN)) {
      const end = left.indexOf(PASTE_END);
      if (end < 0) return [keys, left]; // a paste is taken whole, however long it takes
      keys.push(key('paste', { text: left.slice(PASTE_BEGIN.length, end).replace(/\r\n?/g, '\n') }));
      left = left.slice(end + PASTE_END.length);
      continue;
    }
    if (left.startsWith('\x1b')) {
      if (left.startsWith(BLUR)) {
        keys.push(key('blur'));
        left = left.slice(BLUR.length);
        continue;
      }
      const match = SEQUENCE.exec(left);
      if (match !== null) {
        const parsed = csi(match[1] ?? '', match[3] ?? match[4] ?? '');
        if (parsed !== null) keys.push(parsed);
        left = left.slice(match[0].length);
        continue;
      }
      if (UNFINISHED.test(left) && !isFlush) return [keys, left];
      const next = left.charAt(1);
      if (next === '' || next === '\x1b') {
        keys.push(key('escape'));
        left = left.slice(1);
        continue;
      }
      const [inner] = readKeys(next, true);
      keys.push(...inner.map((one) => ({ ...one, alt: true, text: '' })));
      left = left.slice(2);
      continue;
    }
    const plain = /^[^\x00-\x1f\x7f]+/.exec(left)?.[0];
    if (plain === undefined) {
      keys.push(control(left.charAt(0)));
      left = left.slice(1);
      continue;
    }
    const first = String.fromCodePoint(plain.codePointAt(0) ?? 0);
    keys.push(plain === first ? key(first, { text: first }) : key('text', { text: plain }));
    left = left.slice(plain.length);
  }
  return [keys, ''];
};
