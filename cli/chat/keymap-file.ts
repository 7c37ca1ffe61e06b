/** `$TURNSTILE_HOME/keymap.toml`: read once at the start. A file that cannot be read changes nothing, and is told. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readKeymap, STANDARD_KEYS } from './keymap.ts';

export const keymapFile = (home: string): string => join(home, 'keymap.toml');

export const loadKeymap = async (home: string): Promise<ReturnType<typeof readKeymap>> => {
  const file = keymapFile(home);
  try {
    const text = readFileSync(file, 'utf8');
    const { parse } = await import('smol-toml');
    const { keymap, problems } = readKeymap(parse(text));
    return { keymap, problems: problems.map((problem) => `${file}: ${problem}`) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { keymap: STANDARD_KEYS, problems: [] };
    const [why] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { keymap: STANDARD_KEYS, problems: [`${file}: ${why ?? 'it cannot be read'}`] };
  }
};
