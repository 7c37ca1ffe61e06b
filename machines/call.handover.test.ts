/** A call that leaves its command to the session: what it says of it (E.13). */
import { createActor, fromCallback, sendTo, setup, type EventObject } from 'xstate';
import { describe, expect, it } from 'vitest';
import type { CallPlan, ExecPlan, Spawn } from '../sandbox/plan.ts';
import { callMachine } from './call.machine.ts';
import type { ExecCommand, ExecInput, ExecReport, ExecYielded, PlanInput } from './leaves.ts';
import type { FactOf, RuntimeEvent } from './protocol/index.ts';

const words = (sandbox: string) => ({ backend: 'puppet', sandbox });
const spawn = (sandbox: string): Spawn => ({
  ...{ argv: ['server'], cwd: '/', env: {}, timeoutMs: 1, input: null, backend: 'puppet', inherited: [] },
  ...{ statusFd: null, ownsDescendants: true, residue: [], inWords: words(sandbox) },
  terminal: { yieldMs: 250, maxBytes: 100 },
});
const run = (sandbox: string, ifDenied: ExecPlan | null = null): ExecPlan => ({
  ...{ step: 'run', ifDenied },
  spawn: spawn(sandbox),
});
const yielded: ExecYielded = { type: 'exec.yielded', callId: 'c', terminalId: '4711', pid: 7, output: 'so far' };
const denied: ExecReport = {
  ...{ type: 'exec.exited', callId: 'c', output: 'denied' },
  result: {
    ...{ ending: { kind: 'exited', code: 1 }, output: 'read-only', omittedBytes: 0, durationMs: 9, pid: 6 },
    denial: { what: 'filesystem', certainty: 'certain', evidence: '', paths: [] },
  },
};

const finished = (plan: CallPlan, reports: readonly (ExecReport | ExecYielded)[]): FactOf<'call.finished'> => {
  const facts: RuntimeEvent[] = [];
  const left = [...reports];
  const machine = callMachine.provide({
    actions: { publish: (_, fact) => void facts.push(fact) },
    actors: {
      plan: fromCallback<EventObject, PlanInput>(({ sendBack }) =>
        sendBack({
          ...{ type: 'plan.ready', callId: 'c', plan, isExclusive: true },
          view: { kind: 'command', command: 'server', argv: ['server'], cwd: '/', plan: words('first') },
        }),
      ),
      exec: fromCallback<ExecCommand, ExecInput>(({ sendBack }) => sendBack(left.shift() ?? yielded)),
    },
  });
  const above = setup({ actors: { call: machine } }).createMachine({
    invoke: {
      ...{ src: 'call', id: 'call' },
      input: {
        ...{ turnId: 't', callId: 'c', slot: 0, tool: 'exec_command', args: '{}', grants: [], isAttended: true },
      },
    },
    on: { 'call.ready': { actions: sendTo('call', { type: 'call.go' }) } },
  });
  const actor = createActor(above).start();
  actor.stop();
  const [fact] = facts.filter((one) => one.type === 'call.finished');
  if (fact === undefined) throw new Error('it did not finish');
  return fact;
};

describe('a call that hands its command over', () => {
  it('says under which name it goes on, and how it runs', () => {
    expect(finished(run('first'), [yielded])).toMatchObject({
      ...{ status: 'completed', output: 'so far', terminalId: '4711' },
      ran: words('first'),
    });
  });

  it('says nothing of an attempt that was denied before', () => {
    const fact = finished(run('first', run('second')), [denied, yielded]);
    expect(fact).toMatchObject({ output: 'so far', terminalId: '4711', ran: words('second') });
    expect(fact).not.toHaveProperty('exitCode');
    expect(fact).not.toHaveProperty('durationMs');
  });

  it('has no such name when its command ended', () => {
    expect(finished(run('first'), [denied])).not.toHaveProperty('terminalId');
  });
});
