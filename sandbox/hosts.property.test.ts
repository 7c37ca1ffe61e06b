/** R32: less allowed is never more reachable, for lists of hosts too. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Grant } from '../machines/protocol/index.ts';
import { isBarred, isListed, type Target } from './hosts.ts';
import type { ExecPlan, PlanRequest, Spawn } from './plan.ts';
import { plan } from './planner.ts';
import type { HostRule } from './policy.ts';
import { GATED_HOST, listing, request, sh } from './request.fixture.ts';

const NAMES = ['a.test', 'b.test', 'x.a.test', 'no.a.test', '1.2.3.4'];
const PORTS = [22, 80, 443];
const TARGETS: readonly Target[] = NAMES.flatMap((host) => PORTS.map((port) => ({ host, port })));
const entry = fc
  .tuple(fc.constantFrom(...NAMES, '*.a.test', '*.test'), fc.constantFrom('', ...PORTS.map((port) => `:${port}`)))
  .map(([name, port]) => name + port);
const entries = fc.array(entry, { maxLength: 3 });
const target = fc.constantFrom(...TARGETS.map(({ host, port }) => `${host}:${port}`));
const rule: fc.Arbitrary<HostRule> = fc.record({
  host: entry,
  decision: fc.constantFrom('allow', 'forbidden'),
  source: fc.constant('rules:1'),
});
const grant: fc.Arbitrary<Grant> = target.map((host) => ({ kind: 'host', host, lifetime: 'session' }));

const requests: fc.Arbitrary<PlanRequest> = fc
  .record({
    listed: fc.array(entry, { minLength: 1, maxLength: 3 }),
    except: fc.option(entries, { nil: undefined }),
    hostRules: fc.array(rule, { maxLength: 3 }),
    grants: fc.array(grant, { maxLength: 3 }),
    approval: fc.constantFrom('never', 'on-failure', 'on-request', 'untrusted'),
    refused: fc.option(fc.array(target, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  })
  .map(({ listed, except, refused, ...more }) =>
    request(sh('ls'), {
      ...{ host: GATED_HOST, sandbox: listing(listed, except), ...more },
      ...(refused === undefined ? {} : { refused }),
    }),
  );

const reaches = ({ gate }: Spawn): readonly Target[] =>
  TARGETS.filter((one) => gate !== undefined && isListed(gate.hosts, one) && !isBarred(gate.except ?? [], one));
const firstSpawn = (step: ExecPlan): Spawn | null => {
  if (step.step === 'run') return step.spawn;
  return step.step === 'ask' ? firstSpawn(step.then) : null;
};
const reached = (given: PlanRequest): readonly Target[] => {
  const spawn = firstSpawn(plan(given));
  return spawn === null ? [] : reaches(spawn);
};
const fresh = (given: PlanRequest): PlanRequest => {
  const { refused: _, ...first } = given;
  return first;
};
const isWithinThat = (less: PlanRequest, more: PlanRequest): void => {
  expect(reached(more)).toEqual(expect.arrayContaining([...reached(less)]));
};

describe('less allowed is never more reachable', () => {
  it('with fewer grants', () =>
    fc.assert(fc.property(requests, (given) => isWithinThat({ ...fresh(given), grants: [] }, fresh(given)))));

  it('with fewer rules that allow', () =>
    fc.assert(
      fc.property(requests, (given) => {
        const hostRules = (given.hostRules ?? []).filter(({ decision }) => decision !== 'allow');
        isWithinThat({ ...fresh(given), hostRules }, fresh(given));
      }),
    ));

  it('with one more rule that forbids; and what it forbids is reached by no grant, and asked about by nobody', () =>
    fc.assert(
      fc.property(requests, entry, (given, host) => {
        const more: HostRule = { host, decision: 'forbidden', source: 'rules:2' };
        const strict = { ...given, hostRules: [...(given.hostRules ?? []), more] };
        isWithinThat(fresh(strict), fresh(given));
        expect(reached(strict).filter((one) => isBarred([host], one))).toEqual([]);
        const planned = plan(strict);
        const offers = planned.step === 'ask' ? planned.question.offers : [];
        const offered = offers.flatMap((one) => (one.kind === 'host' ? [one.host] : []));
        const barred = TARGETS.filter((one) => isBarred([host], one)).map(({ host: name, port }) => `${name}:${port}`);
        expect(offered.filter((name) => barred.includes(name))).toEqual([]);
      }),
    ));

  it('with the network off there is no gate, whatever was granted', () =>
    fc.assert(
      fc.property(requests, (given) => {
        const off = { ...fresh(given), sandbox: { ...listing([]), network: 'off' as const } };
        expect(firstSpawn(plan(off))?.gate).toBe(undefined);
      }),
    ));
});

describe('a refused host', () => {
  it('R29: leads to a question or to a refusal, never to a run; a yes reaches what it names and no more', () =>
    fc.assert(
      fc.property(requests, (given) => {
        fc.pre(given.refused !== undefined);
        const planned = plan(given);
        expect(planned.step).toMatch(/^(?:ask|refuse)$/);
        if (planned.step !== 'ask') return;
        if (planned.then.step === 'run') expect(planned.then.ifRefused ?? planned.then.ifDenied).toBe(null);
        const before = reached(fresh(given));
        const offered = planned.question.offers.flatMap((one) => (one.kind === 'host' ? [one.host] : []));
        const added = reached(given).filter((one) => !before.includes(one));
        expect(added.map(({ host, port }) => `${host}:${port}`).toSorted()).toEqual([...new Set(offered)].toSorted());
      }),
    ));
});
