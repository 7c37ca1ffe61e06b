/** Nothing has become slower than it was, as ratios to what it is built on. Measured again before it is said. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

it(
  'no ratio to Node, to XState or to a bare script has grown by more than the margin',
  { timeout: 600_000 },
  async () => {
    const { TURNSTILE_FROM_SOURCE: _, ...env } = process.env; // the bundle is what people start
    const { code, told } = await new Promise<{ readonly code: number; readonly told: string }>((resolve) => {
      const child = execFile(process.execPath, [MAIN, '--guard'], { env }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode ?? 1, told: `${stdout}${stderr}` }),
      );
    });
    expect(told).toContain('✔ turn');
    expect({ code, over: told.split('\n').filter((line) => line.startsWith('✖')) }).toEqual({ code: 0, over: [] });
  },
);
