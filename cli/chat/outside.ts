/** ^G: the text in the user's own editor. Whatever becomes of it, the words are not lost. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Null: the editor could not be used, and the text stands as it was. */
export const editOutside = (text: string, env: Readonly<Record<string, string | undefined>>): Promise<string | null> =>
  new Promise((resolve) => {
    const folder = mkdtempSync(join(tmpdir(), 'turnstile-edit-'));
    const file = join(folder, 'prompt.md');
    writeFileSync(file, text, { mode: 0o600 });
    const editor = env['VISUAL'] || env['EDITOR'] || 'vi';
    const finish = (result: string | null): void => {
      rmSync(folder, { recursive: true, force: true });
      resolve(result);
    };
    // A shell splits what people put into EDITOR, such as `code --wait`; the file is an argument of its own.
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
    child.on('error', () => finish(null));
    child.on('exit', (code) => finish(code === 0 ? readFileSync(file, 'utf8').replace(/\n$/, '') : null));
  });
