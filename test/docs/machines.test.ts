/** Every machine that runs says of every state what it is for, and the page about them is the machines of today. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { described, machinesPage, MACHINES_FILE, undescribed } from './machines-page.ts';

const machines = described();
const [first] = machines;

describe('the machines', () => {
  it('have a line of prose for every state, in the drawing of their header', () => {
    expect(undescribed(machines.map(({ outline }) => outline))).toEqual([]);
  });
  it.each(machines.map(({ outline, promises }) => [outline.name, promises] as const))(
    '%s promises something',
    (_, promises) => {
      expect(promises.length).toBeGreaterThan(0);
    },
  );
  it('a state without a word is seen', () => {
    const bare = { ...first!.outline, root: { ...first!.outline.root, description: ' ' } };
    expect(undescribed([bare])).toEqual([`${bare.name}: (itself)`]);
  });
});

describe('docs/machines.md', () => {
  it('is what the machines are today (else: node test/docs/machines-page.ts)', () => {
    expect(readFileSync(MACHINES_FILE, 'utf8')).toBe(machinesPage());
  });
});
