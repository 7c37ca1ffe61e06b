/** A runtime whose model is the embedded one with a script: nothing but our own code takes time. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRuntime } from '../../actors/runtime.ts';
import { resolveConfig } from '../../cli/config.ts';

export const newRehearsal = async (items: readonly object[] = [{ type: 'text', text: 'hi' }]) => {
  const folder = mkdtempSync(join(tmpdir(), 'turnstile-figures-'));
  const script = join(folder, 'script.json');
  writeFileSync(script, JSON.stringify({ turns: [{ items }] }));
  const { runtime: config } = await resolveConfig({
    flags: { rehearse: script, ephemeral: true, sandbox: 'danger-full-access', approval: 'never' },
    env: { PATH: process.env['PATH'], HOME: folder, TURNSTILE_HOME: join(folder, 'home') },
    cwd: folder,
    version: '0.0.0',
    isAttended: false,
  });
  return { runtime: createRuntime(config), remove: () => rmSync(folder, { recursive: true, force: true }) };
};
