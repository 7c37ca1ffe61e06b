import { describe, expect, it } from 'vitest';
import { planRemote, type Hints, type RemoteApproval, type RemoteRequest } from './remote.ts';

const remote = { server: 's', tool: 't', args: '{}', timeoutMs: 1_000 };
const confined = { kind: 'readOnly', network: 'off' } as const;
const request = (hints: Hints, more: Partial<RemoteRequest> = {}): RemoteRequest => ({
  ...{ remote, hints, approval: 'on-request', wanted: 'auto', sandbox: confined, grants: [] },
  ...more,
});
const stepOf = (hints: Hints, more?: Partial<RemoteRequest>) => planRemote(request(hints, more)).step;

const READS = { readOnlyHint: true };
const GENTLE = { readOnlyHint: false, destructiveHint: false, openWorldHint: false };

describe('a tool of a server', () => {
  it.each([
    ['only reads', READS, 'remote'],
    ['stays at home and destroys nothing', GENTLE, 'remote'],
    ['may destroy', { ...GENTLE, destructiveHint: true }, 'ask'],
    ['reaches out', { ...GENTLE, openWorldHint: true }, 'ask'],
    ['of which nothing is known, since the protocol means the worse', {}, 'ask'],
  ] as const)('that %s', (_, hints, step) => expect(stepOf(hints)).toBe(step));

  it('is asked about by an untrusted policy unless it only reads', () => {
    expect(stepOf(GENTLE, { approval: 'untrusted' })).toBe('ask');
    expect(stepOf(READS, { approval: 'untrusted' })).toBe('remote');
  });

  it('that would be asked about is refused where the policy is never, but not where nothing is confined', () => {
    expect(stepOf({}, { approval: 'never' })).toBe('refuse');
    expect(stepOf({}, { approval: 'never', sandbox: { kind: 'fullAccess' } })).toBe('remote');
    expect(stepOf(READS, { approval: 'never', wanted: 'prompt', sandbox: { kind: 'fullAccess' } })).toBe('refuse');
  });

  it.each([
    ['approve', {}, 'remote'],
    ['prompt', READS, 'ask'],
  ] as const)('for which the user wrote %s', (wanted: RemoteApproval, hints: Hints, step) =>
    expect(stepOf(hints, { wanted })).toBe(step),
  );

  it('that was granted is not asked about; another one of the same server is', () => {
    const granted = (tool: string) => ({ grants: [{ kind: 'mcp', server: 's', tool, lifetime: 'session' } as const] });
    expect(stepOf({}, granted('t'))).toBe('remote');
    expect(stepOf({}, granted('u'))).toBe('ask');
  });

  it('names what a yes would do, by a hash that other arguments do not have', () => {
    const hashOf = (args: string) => {
      const plan = planRemote(request({}, { remote: { ...remote, args } }));
      return plan.step === 'ask' ? plan.question.planHash : plan.step;
    };
    expect(hashOf('{}')).not.toBe(hashOf('{"a":1}'));
    const plan = planRemote(request({}));
    expect(plan).toMatchObject({
      then: { step: 'remote', remote },
      question: { offersInWords: expect.stringContaining('t') },
    });
  });
});
