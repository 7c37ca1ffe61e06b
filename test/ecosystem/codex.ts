/** Places in which the SDK of Codex finds this program instead of its own. */
import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Codex, type CodexOptions } from '@openai/codex-sdk';
import type { ModelServer } from '../model-server/server.ts';

/** One pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export const newPlace = () => {
  const folder = realpathSync(mkdtempSync(join(process.env['TURNSTILE_TEST_ROOT'] ?? tmpdir(), 'turnstile-eco-')));
  const image = join(folder, 'pixel.png');
  writeFileSync(image, PNG);
  return {
    folder,
    image,
    program: fileURLToPath(new URL('../../cli/turnstile.mjs', import.meta.url)),
    env: {
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      TURNSTILE_HOME: join(folder, 'home'),
      TURNSTILE_FROM_SOURCE: '1',
      NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/turnstile', import.meta.url)),
    },
  };
};
export type Place = ReturnType<typeof newPlace>;

export const codexOn = (
  { program, env }: Place,
  server: ModelServer,
  more: Pick<CodexOptions, 'config' | 'configOverrides'> = {},
): Codex => new Codex({ codexPathOverride: program, baseUrl: server.url, apiKey: 'of-the-sdk', env, ...more });

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
