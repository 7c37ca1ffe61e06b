/** Programs of the user's that take the terminal for a while: the editor, the pager. Whatever becomes of them, no word is lost. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** Null: the program could not be used. */
const withFile = (program: string, name: string, text: string, env: Env): Promise<string | null> =>
  new Promise((resolve) => {
    const folder = mkdtempSync(join(tmpdir(), 'turnstile-edit-'));
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    const finish = (isGood: boolean): void => {
      const result = isGood ? readFileSync(file, 'utf8') : null;
      rmSync(folder, { recursive: true, force: true });
      resolve(result);
    };
    // A shell splits what people put into EDITOR, such as `code --wait`; the file is an argument of its own.
    const child = spawn('/bin/sh', ['-c', `${program} "$1"`, 'sh', file], { stdio: 'inherit', env });
    child.on('error', () => finish(false));
    child.on('exit', (code) => finish(code === 0));
  });

/** Null: the editor could not be used, and the text stands as it was. */
export const editOutside = async (text: string, env: Env): Promise<string | null> =>
  (await withFile(env['VISUAL'] || env['EDITOR'] || 'vi', 'prompt.md', text, env))?.replace(/\n$/, '') ?? null;

/** False: there is no pager. `-R` shows colours, `+G` begins at the end. */
export const pageOutside = async (text: string, env: Env): Promise<boolean> =>
  (await withFile(env['PAGER'] || 'less -R +G', 'conversation.txt', text, env)) !== null ||
  (await withFile('more', 'conversation.txt', text, env)) !== null;
