import { describe, expect, it } from 'vitest';
import { explain, explainTerrain } from './explain.ts';
import { plan } from './planner.ts';
import { BARE_HOST, HOST, request, sh, TERRAIN } from './request.fixture.ts';

const lines = (...args: Parameters<typeof request>) => explain(plan(request(...args)));

describe('a plan in words', () => {
  it('that runs', () => {
    const given = lines(sh('npm test'));
    expect(given[0]).toBe('run       bubblewrap · workspace-write · network off');
    expect(given[1]).toContain("-- /bin/bash -c 'npm test'");
    expect(given).toContain('  --bind-fd 7 /ws');
    expect(given.at(-1)).toBe('if denied the model is told');
  });

  it('that reaches a list of hosts, and one that cannot', () => {
    const network = { hosts: ['a.test', '*.b.test:443', 'c.test', 'd.test'] };
    const sandbox = { kind: 'workspaceWrite', writableRoots: ['/ws'], network, tmp: 'private' } as const;
    const perl = { path: '/usr/bin/perl', version: 'unknown', features: [] };
    const given = lines(sh('npm test'), { sandbox, host: { ...HOST, helpers: { ...HOST.helpers, perl } } });
    expect(given[0]).toBe(
      'run       bubblewrap · workspace-write · network only a.test, *.b.test:443, c.test and 1 more',
    );
    expect(given).toContain('hosts     a.test *.b.test:443 c.test d.test');
    const without = lines(sh('npm test'), { sandbox });
    expect(without[0]).toContain('· network off, since a list of hosts cannot be kept here');
    expect(without.some((line) => line.startsWith('hosts'))).toBe(false);
  });

  it('that asks, twice', () => {
    const given = lines(sh('npm test'), { approval: 'untrusted' });
    expect(given[0]).toMatch(/^ask       the approval policy is untrusted/);
    expect(given).toContain('now       nothing runs');
    expect(given.filter((line) => line.trim().startsWith('ask '))).toHaveLength(2);
    expect(given).toContain('    if yes    direct · no sandbox · full access');
  });

  it('that asks to leave', () => {
    expect(lines(sh('curl x'), { escalation: { justification: 'to fetch' } })).toEqual(
      expect.arrayContaining(['model     to fetch', 'if yes    direct · no sandbox · full access']),
    );
  });

  it('that is refused', () => {
    expect(lines(sh('ls'), { approval: 'never', host: BARE_HOST })).toEqual([
      expect.stringMatching(/^refuse {4}no sandbox can be built here/),
    ]);
  });

  it('that has its answer', () => {
    expect(explain({ step: 'answer', output: 'done', succeeded: true })).toEqual(['answer    done']);
  });
});

it('the terrain in words', () => {
  const given = explainTerrain({ ...TERRAIN, unprotectable: ['/ws/.git'], warnings: ['careful'] });
  expect(given).toContain('protected /ws/.git, /ws/sub/inner/.git');
  expect(given.slice(-2)).toEqual(['refused   /ws/.git is a symbolic link', 'warning   careful']);
});
