import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { becomes } from '../processes/bench.ts';
import { DESCENDANTS, newBrood } from './descendants.ts';
import { journalLines, newStage, say, shell, validLines } from './stage.ts';

type InputItem = { readonly type: string; readonly call_id?: string; readonly output?: unknown };

it.each(['workspace-write', 'danger-full-access'] as const)(
  'kill -9 under %s: nothing survives, the journal can be read, and the lost call is answered once and run no more',
  async (mode) => {
    const brood = newBrood();
    const stage = await newStage(shell(`echo run >> count; ${brood.script}`), say('went on'));
    const running = stage.begin('-s', mode, 'go');
    expect(await becomes(() => brood.living().length >= DESCENDANTS, 15_000)).toBe(true);
    running.child.kill('SIGKILL');
    expect((await running.ended).signal).toBe('SIGKILL');
    expect(await becomes(() => brood.living().length === 0, 2_000)).toBe(true);
    expect(journalLines(stage.home).length).toBeGreaterThan(1);

    const resumed = await stage.exec('-s', mode, 'resume', '--last', 'on');
    expect({ code: resumed.code, err: resumed.err }).toMatchObject({ code: 0 });
    validLines(resumed.out);
    expect(stage.server.requests).toHaveLength(2);
    const input = stage.server.requests[1]?.body['input'] as readonly InputItem[];
    const calls = input.filter(({ type }) => type === 'function_call');
    const results = input.filter(({ type }) => type === 'function_call_output');
    expect(calls).toHaveLength(1);
    expect(results.map(({ call_id }) => call_id)).toEqual([calls[0]?.call_id]);
    expect(JSON.stringify(results[0]?.output)).toMatch(/unknown/i);
    const count = join(stage.folder, 'count');
    expect(existsSync(count)).toBe(true);
    expect(readFileSync(count, 'utf8')).toBe('run\n');
  },
);
