/** R22, R28: a command that Landlock confines ends as every other, leaves nobody, and tells its end through the launcher. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createProcesses } from '../../actors/processes/processes.ts';
import { landlock } from '../../sandbox/backends/landlock.backend.ts';
import { findHost, probeLandlock, survey } from '../../sandbox/host.ts';
import { alive, run, start } from './bench.ts';

const host = await probeLandlock(findHost());
const policy = { kind: 'readOnly', network: 'off', fallback: 'landlock' } as const;
const problem = landlock.unavailable(host, policy);
if (problem) console.warn(`Landlock is not tried: ${problem.reason} (${problem.layer})`);

const folder = mkdtempSync(join(tmpdir(), 'landlock-'));
const processes = createProcesses();
afterAll(() => {
  processes.close();
  rmSync(folder, { recursive: true });
});

const confined = (script: string, cwd = folder) =>
  landlock.confine(
    { argv: ['/bin/bash', '-c', script], cwd, env: { PATH: '/usr/bin:/bin' }, timeoutMs: 60_000, input: null },
    policy,
    survey(policy, folder, host, { privateTmp: join(folder, 'tmp') }),
    host,
  );

describe.skipIf(problem !== null)('under Landlock', { timeout: 60_000 }, () => {
  it('ends by its code and its signal, and writes to its own streams by name', async () => {
    const { result } = await run(confined('echo one; echo two > /dev/stderr; exit 7'), processes);
    expect(result).toMatchObject({ ending: { kind: 'exited', code: 7 }, output: 'one\ntwo\n' });
    const killed = await run(confined('kill -TERM $$'), processes);
    expect(killed.result.ending).toEqual({ kind: 'signalled', signal: 'SIGTERM' });
  });

  it('a missing folder is no failure of the sandbox', async () => {
    const { result } = await run(confined('true', join(folder, 'none')), processes);
    expect(result.ending).toMatchObject({ kind: 'unstarted', reason: expect.stringContaining('no such folder') });
  });

  it('leaves nobody, after its end and when it is cancelled', async () => {
    const zoo = 'setsid sleep 77.7 & (setsid sh -c "sleep 77.7 & sleep 77.7" </dev/null >/dev/null 2>&1 &)';
    expect((await run(confined(`${zoo}; exit 3`), processes)).result.ending).toEqual({ kind: 'exited', code: 3 });
    expect(alive('77.7')).toEqual([]);
    const deaf = start(confined(`${zoo}; trap "" TERM; echo ready; sleep 77.7`), processes);
    await deaf.printed('ready');
    deaf.send({ type: 'exec.cancel' });
    expect((await deaf.report).result.ending.kind).toBe('cancelled');
    expect(alive('77.7')).toEqual([]);
  });
});
