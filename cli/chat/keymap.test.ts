import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readKeys } from '../render/keys.ts';
import { ACTIONS, keyNamed, readKeymap, STANDARD_KEYS, translate, type ActionName } from './keymap.ts';

const pressed = (bytes: string) => {
  const key = readKeys(bytes, true)[0][0];
  if (key === undefined) throw new Error('no key');
  return key;
};

describe('a keymap', () => {
  it('reads a key that was bound as the standard key of its action, and the standard one as nothing', () => {
    const { keymap, problems } = readKeymap({ plan: ['F2', 'Ctrl+P'], editor: 'ctrl-t' });
    expect(problems).toEqual([]);
    expect(translate(keymap, pressed('\x1bOQ'))).toMatchObject({ name: 't', ctrl: true });
    expect(translate(keymap, pressed('\x10'))).toMatchObject({ name: 't', ctrl: true });
    expect(translate(keymap, pressed('\x14'))).toMatchObject({ name: 'g', ctrl: true });
    expect(translate(keymap, pressed('\x07'))).toBeNull();
    expect(translate(keymap, pressed('a'))).toMatchObject({ text: 'a' });
  });

  it.each([
    [{ plann: 'f2' }, 'there is no action plann; did you mean plan?'],
    [{ plan: 'ctrl-c' }, 'plan: ctrl-c cannot be bound'],
    [{ plan: 'x' }, 'plan: x could not be typed any more'],
    [{ plan: 'hyper-x' }, 'plan: there is no key "hyper-x"'],
    [{ plan: 7 }, 'plan: there is no key 7'],
    [{ plan: 'ctrl-r' }, 'ctrl-r is bound twice: it means plan, not search'],
  ])('tells what is wrong: %j', (file, told) => {
    expect(readKeymap(file).problems.join()).toContain(told);
  });

  it('names each standard key as its terminal sends it', () => {
    const sent: Readonly<Partial<Record<ActionName, string>>> = {
      queue: '\t',
      newline: '\x1b\r',
      search: '\x12',
      transcript: '\x1bOR',
      undo: '\x1f',
      'word-left': '\x1bb',
    };
    for (const [name, bytes] of Object.entries(sent)) {
      const other = readKeymap({ [name]: 'f2' }).keymap;
      expect(translate(other, pressed(bytes)), name).toBeNull();
    }
  });

  it('always leaves Enter, Esc, Ctrl-C, Ctrl-D and what can be typed alone (property)', () => {
    const names = fc.constantFrom(...Object.keys(ACTIONS));
    const keys = fc.oneof(fc.string(), fc.constantFrom('enter', 'esc', 'ctrl-c', 'ctrl-d', 'a', 'f1', 'ctrl-x', 'tab'));
    fc.assert(
      fc.property(fc.dictionary(names, fc.oneof(keys, fc.array(keys))), (file) => {
        const { keymap } = readKeymap(file);
        for (const bytes of ['\r', '\x1b', '\x03', '\x04', 'x', '?'])
          expect(translate(keymap, pressed(bytes))).toEqual(pressed(bytes));
      }),
    );
  });

  it('knows keys by the names that people write', () => {
    expect(['Ctrl+Shift+X', 'esc', 'Alt-Enter', 'ctrl--'].map(keyNamed)).toEqual([
      'ctrl-shift-x',
      'escape',
      'alt-enter',
      'ctrl--',
    ]);
    expect(translate(STANDARD_KEYS, pressed('\x14'))).toMatchObject({ name: 't', ctrl: true });
  });
});
