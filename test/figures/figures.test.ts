/** The figures can be taken, and the two that nobody would notice otherwise stay small: a session that idles, and what turns leave. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const KB_OF_AN_IDLE_SESSION = 40;
const GROWTH_PERCENT = 10;

it('R38: an idle session is small; turns leave neither memory nor descriptors behind', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', MAIN, 'sessions', 'soak'], {
    env: { ...process.env, TURNSTILE_SESSIONS: '300', TURNSTILE_TURNS: '600' },
  });
  const numberIn = (pattern: RegExp): number => Number(pattern.exec(stdout)?.[1] ?? NaN);
  expect(numberIn(/idle sessions, each\s+(\S+) kB/)).toBeLessThan(KB_OF_AN_IDLE_SESSION);
  expect(numberIn(/memory alive.*\((-?\S+) %\)/)).toBeLessThan(GROWTH_PERCENT);
  const [, then, now] = /descriptors then and then\s+(\d+), (\d+)/.exec(stdout) ?? [];
  expect(Number(now)).toBeLessThanOrEqual(Number(then));
});
