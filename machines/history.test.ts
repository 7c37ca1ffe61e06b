import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHistory } from '../test/machines/books.ts';
import { lastAgentMessage, repaired, unanswered, withFreshId } from './history.ts';
import type { Item } from './protocol/index.ts';

const callId = fc.constantFrom('a', 'b', 'c');
const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({ type: fc.constant('user' as const), text: fc.string() }),
  fc.record({ type: fc.constant('agent' as const), text: fc.string() }),
  callId.map((id) => ({ type: 'call' as const, callId: id, tool: 'shell', args: '{}' })),
  callId.map((id) => ({ type: 'result' as const, callId: id, output: '', status: 'completed' as const })),
);
/** Each id is called once at most, as our own machines see to (see `withFreshId`). */
const histories = fc.array(item, { maxLength: 20 }).map((items) => {
  const called = new Set<string>();
  return items.filter((one) => {
    if (one.type !== 'call') return true;
    if (called.has(one.callId)) return false;
    called.add(one.callId);
    return true;
  });
});

describe('a repaired history (I.4, R5)', () => {
  it('has one result for each call, after it, and nothing that answers nothing', () => {
    fc.assert(
      fc.property(histories, (items) => {
        const open = new Set<string>();
        for (const one of repaired(items)) {
          if (one.type === 'call') open.add(one.callId);
          if (one.type === 'result') expect(open.delete(one.callId)).toBe(true);
        }
        return open.size === 0;
      }),
    );
  });
  it('is itself when it is repaired again, and keeps all that is no result', () => {
    fc.assert(
      fc.property(histories, (items) => {
        const once = repaired(items);
        expect(repaired(once)).toBe(once);
        expect(once.filter(({ type }) => type !== 'result')).toEqual(items.filter(({ type }) => type !== 'result'));
      }),
    );
  });
});

describe('the words of a history', () => {
  const call = { type: 'call' as const, callId: 'c', tool: 'shell', args: '' };
  it('give a second call of the same id one of its own', () => {
    const second = withFreshId([call], call);
    expect(second.callId).toBe('c~2');
    expect(withFreshId([call, second], call).callId).toBe('c~3');
    expect(withFreshId([], { ...call, callId: '' }).callId).not.toBe('');
    expect(unanswered([call])).toEqual([call]);
    checkHistory(repaired([call]), 'here');
  });
  it('know the last message of the final response only (C.7)', () => {
    const said = { type: 'agent' as const, text: 'hm' };
    expect(lastAgentMessage([{ type: 'user', text: '' }, said])).toBe('hm');
    expect(lastAgentMessage([said, { type: 'user', text: '' }])).toBeNull();
  });
});
