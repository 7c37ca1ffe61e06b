/** The leaves that ask one question and report one answer. None of them fails: what goes wrong is in the answer. */
import type { EventObject } from 'xstate';
import { messageOf } from '../machines/kit.ts';
import type { ExecCommand, ExecInput, PlanInput, RestoreInput } from '../machines/leaves.ts';
import type { OpenInput } from '../machines/session.contract.ts';
import type { SettleInput } from '../machines/turn.contract.ts';
import { execute } from './exec.actor.ts';
import { leaf } from './services.ts';

/** Looks at the place: the sandbox, the project's own instructions. */
export const open = leaf<EventObject, OpenInput>((services) => ({ input, sendBack }) => {
  services.open(input).then(
    (opened) => sendBack({ type: 'session.opened', ...opened }),
    (error: unknown) =>
      sendBack({
        type: 'session.opened',
        sandbox: { backend: 'none', sandbox: 'unknown' },
        surroundings: [],
        warnings: [`the folder could not be looked at: ${messageOf(error)}`],
      }),
  );
});

/** Brings files back; whoever stops it stops it between two files. */
export const restore = leaf<EventObject, RestoreInput>((services) => ({ input, sendBack }) => {
  const life = new AbortController();
  services.restore(input, life.signal).then(
    (files) => {
      if (!life.signal.aborted) sendBack({ type: 'restore.done', files });
    },
    (error: unknown) => {
      const notCovered = [`the files were not brought back: ${messageOf(error)}`];
      if (!life.signal.aborted) sendBack({ type: 'restore.done', files: { restored: [], kept: [], notCovered } });
    },
  );
  return () => life.abort();
});

/** A tool reads its arguments, the planner writes the plan. */
export const plan = leaf<EventObject, PlanInput>((services) => ({ input, sendBack }) => {
  const { callId, tool, args } = input;
  services.plan(input).then(
    (planned) => sendBack({ type: 'plan.ready', callId, ...planned }),
    (error: unknown) =>
      sendBack({
        type: 'plan.ready',
        callId,
        view: { kind: 'tool', tool, args },
        plan: { step: 'answer', output: `the call could not be planned: ${messageOf(error)}`, succeeded: false },
        isExclusive: false,
      }),
  );
});

export { hook } from './hooks/hook.actor.ts';
export { link, remote } from './mcp.actors.ts';
export { talk, watch } from './terminal.actors.ts';

export const exec = leaf<ExecCommand, ExecInput>((services) => execute(services.exec));

/** The turn is over: what did it change on disk? */
export const settle = leaf<EventObject, SettleInput>((services) => ({ input: { turnId }, sendBack }) => {
  services.diff(turnId).then(
    (diff) => sendBack({ type: 'turn.settled', turnId, diff }),
    () => sendBack({ type: 'turn.settled', turnId, diff: '' }),
  );
});
