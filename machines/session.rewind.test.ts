import { describe, expect, it } from 'vitest';
import { judgeOf } from '../test/machines/invariants.ts';
import { createWorld } from '../test/machines/world.ts';

const afterATurn = () => {
  const world = createWorld();
  const judge = judgeOf(world);
  world.play('session/open opens', 'say', 'session/turn/task/sample completes', 'session/turn/settle unchanged');
  return { world, judge };
};
const rewound = (world: ReturnType<typeof createWorld>) =>
  world.facts().flatMap((fact) => (fact.type === 'history.rewound' ? [fact] : []));

describe('a rewind of conversation and files', () => {
  it('brings the files back first, then tells both at once (C.8)', () => {
    const { world, judge } = afterATurn();
    world.play('rewind files');
    expect(world.state()).toBe('rewinding');
    expect(world.live()).toMatchObject([{ kind: 'restore', input: { inputId: 'op-1', running: [] } }]);
    expect(rewound(world)).toEqual([]);
    world.play('session/restore restores');
    expect(rewound(world)).toMatchObject([{ turns: 1, history: [], files: { restored: ['/a'] } }]);
    expect([world.state(), world.context().history]).toEqual(['idle', []]);
    judge.end();
  });

  it('hears what was asked meanwhile afterwards, in its order, and answers each once (R3)', () => {
    const { world, judge } = afterATurn();
    world.play('rewind files', 'steer wrong', 'say', 'close', 'say');
    judge.check();
    world.play('session/restore restores');
    const replies = world
      .facts()
      .flatMap((fact) => (fact.type.startsWith('op.') ? [fact] : []))
      .slice(1);
    expect(replies.map(({ type }) => type)).toEqual([
      ...['op.accepted', 'op.refused', 'op.accepted'],
      ...['op.accepted', 'op.refused'],
    ]);
    judge.end();
  });

  it.each([
    ['session/restore crashes', 'not brought back'],
    ['tick', 'not brought back in time'],
  ])('takes the conversation back also when it cannot tell of the files: %s', (what, words) => {
    const { world, judge } = afterATurn();
    world.play('rewind files', what);
    expect(rewound(world)).toMatchObject([{ history: [], files: { restored: [], kept: [] } }]);
    expect(rewound(world)[0]?.files?.notCovered.join()).toContain(words);
    expect(world.state()).toBe('idle');
    judge.end();
  });

  it('looks at no file where only the conversation is meant', () => {
    const { world, judge } = afterATurn();
    world.play('rewind');
    expect(rewound(world)).toEqual([{ type: 'history.rewound', turns: 1, history: [] }]);
    expect(world.state()).toBe('idle');
    judge.end();
  });
});
