import { expect, test } from 'vitest';
import { filtered } from './filter.ts';
import type { Row, Story } from './story.ts';

const row = (more: Partial<Row>): Row => ({
  ...{ kind: 'input', seq: 1, t: 0, actor: 0, from: 'user', type: 'op.say', cause: null, body: {} },
  ...more,
});
const actor = (path: string) => ({ path, machine: path, parent: null, born: 0, died: null, status: 'active' as const });
const story: Story = {
  ...{ v: 1, title: '', head: {}, verdict: { kind: 'identical' }, charts: [] },
  actors: [actor('session'), actor('session/turn')],
  rows: [
    row({ type: 'op.say', body: { text: 'Mend the fence' } }),
    row({ seq: 2, kind: 'step', actor: 1, type: 'turn.interrupt', after: 'active.aborting', t: 1_500 }),
    row({ seq: 3, kind: 'fact', actor: 1, type: 'call.finished', body: { status: 'declined' }, t: 13_000 }),
  ],
};

test.each([
  ['', [0, 1, 2]],
  ['actor:turn', [1, 2]],
  ['actor:session', [0, 1, 2]],
  ['ev:op.*', [0]],
  ['ev:*.finished', [2]],
  ['state:aborting', [1]],
  ['kind:fact', [2]],
  ['seq:2', [1]],
  ['t>12s', [2]],
  ['t<1s', [0]],
  ['t>1500ms', [2]],
  ['failed', [2]],
  ['fence', [0]],
  ['-actor:turn', [0]],
  ['actor:turn -kind:fact', [1]],
  ['nothing-like-it', []],
])('the filter %j leaves %j', (query, rows) => {
  expect(filtered(story, query)).toEqual(rows);
});
