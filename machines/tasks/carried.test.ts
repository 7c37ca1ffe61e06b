import { describe, expect, it } from 'vitest';
import type { Item } from '../protocol/index.ts';
import { carried } from './carried.ts';
import { compacted } from './compaction.ts';

const call = (callId: string, tool: string, args: unknown, status: 'completed' | 'failed' = 'completed'): Item[] => [
  { type: 'call', callId, tool, args: typeof args === 'string' ? args : JSON.stringify(args) },
  { type: 'result', callId, output: 'x', status },
];
const patch = (callId: string, path: string, status?: 'failed') =>
  call(callId, 'apply_patch', { input: `*** Begin Patch\n*** Add File: ${path}\n+x\n*** End Patch` }, status);
const plan = (callId: string, step: string) => call(callId, 'update_plan', { plan: [{ step, status: 'pending' }] });

describe('what a summary may not lose (R20)', () => {
  it('is the newest plan and the files that really were changed', () => {
    const history = [
      ...plan('p1', 'old'),
      ...patch('a', 'a.ts'),
      ...patch('b', 'b.ts', 'failed'),
      ...plan('p2', 'new'),
    ];
    const text = carried(history)?.text ?? '';
    expect(text).toContain('"new"');
    expect(text).not.toContain('"old"');
    expect(text).toContain('- a.ts');
    expect(text).not.toContain('b.ts');
  });

  it('survives one compaction after the other, once', () => {
    let history: readonly Item[] = [...plan('p1', 'one'), ...patch('a', 'a.ts')];
    history = compacted(history, 'first');
    history = compacted([...history, ...patch('c', 'c.ts')], 'second');
    const items = history.filter((item) => item.type === 'context' && item.about === 'carried');
    expect(items).toHaveLength(1);
    const text = items[0]?.type === 'context' ? items[0].text : '';
    for (const part of ['"one"', '- a.ts', '- c.ts']) expect(text.split(part).length - 1, part).toBe(1);
    expect(history.at(-1)).toEqual({ type: 'summary', text: 'second' });
  });

  it('is nothing when there is nothing', () => {
    expect(carried([{ type: 'user', text: 'hi' }])).toBeNull();
  });
});
