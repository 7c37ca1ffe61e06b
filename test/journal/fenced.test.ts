import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createProcesses } from '../../actors/processes/processes.ts';
import { bash, start } from '../processes/bench.ts';
import { newHome } from './story.ts';

it('a writer that was taken over from starts no command: it says so instead, and notes no effect (R36)', async () => {
  const file = join(newHome(), 'ran');
  const ended: string[] = [];
  const processes = createProcesses();
  const { report } = start(bash(`touch ${file}`), processes, {
    effects: { began: () => 'fenced', ended: ({ callId }) => void ended.push(callId) },
  });
  const { result, output } = await report;
  processes.close();
  expect(result).toMatchObject({ pid: null, ending: { kind: 'setupFailed' } });
  expect(output).toMatch(/taken over/);
  expect(existsSync(file)).toBe(false);
  expect(ended).toEqual([]);
});
