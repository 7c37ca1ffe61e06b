/** `turnstile apply-patch`: starts the patch binary, on our own stdin and stdout. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Mode } from './mode.ts';

export const run: Mode = ({ operands }, { cwd }) =>
  new Promise((resolve) => {
    const binary = fileURLToPath(
      new URL(`./apply-patch${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
    );
    const child = spawn(process.execPath, [binary, ...operands], { cwd, stdio: 'inherit' });
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
