/** `sandbox explain -- CMD…` prints the plan of a command and runs nothing; `sandbox run -- CMD…` runs it under the policy. */
import { join } from 'node:path';
import { COMMAND_TIMEOUT_MAX_MS } from '../machines/limits.ts';
import { explain, explainTerrain } from '../sandbox/explain.ts';
import { findHost, probe, probeGate, survey } from '../sandbox/host.ts';
import type { ExecPlan, PlanRequest } from '../sandbox/plan.ts';
import { plan } from '../sandbox/planner.ts';
import { hostsOf } from '../sandbox/policy.ts';
import { closed } from '../sandbox/registry.ts';
import { resolveConfig } from './config.ts';
import { EXIT } from './exit-code.ts';
import { UsageError, type Mode } from './mode.ts';

const isCommand = (words: readonly string[]): words is readonly [string, ...string[]] => words.length > 0;

/** The part of a plan that runs without anybody having to answer; a text where there is none. */
const runnable = (step: ExecPlan): Extract<ExecPlan, { step: 'run' }> | string => {
  switch (step.step) {
    case 'run':
      return step;
    case 'ask':
      // Whoever typed this command has asked for it: the question is answered, the confinement stays.
      return step.question.now === null && step.then.step === 'run' && step.then.spawn.backend === 'direct'
        ? `this would run without a sandbox: ${step.question.why}`
        : runnable(step.then);
    case 'refuse':
      return step.reason;
    case 'answer':
      return step.output;
  }
};

export const run: Mode = async ({ flags, operands }, surroundings) => {
  const [verb, ...argv] = operands;
  if (verb !== 'explain' && verb !== 'run') throw new UsageError('sandbox explain -- CMD… or sandbox run -- CMD…');
  if (!isCommand(argv)) throw new UsageError(`sandbox ${verb} -- CMD…: which command?`);
  const { env, cwd, version, streams } = surroundings;
  const { runtime } = await resolveConfig({ flags, env, cwd, version, isAttended: true });
  const basic = await probe(findHost());
  const host = hostsOf(runtime.sandbox) === null ? basic : await probeGate(basic);
  const terrain = survey(runtime.sandbox, runtime.cwd, host, {
    privateTmp: join(host.tmp, `turnstile-${host.uid}-tmp`),
  });
  const obstacle = closed(host, runtime.sandbox);
  if (obstacle !== null)
    streams.err(`turnstile: the network is off, although hosts are listed: ${obstacle.reason}. ${obstacle.remedy}\n`);
  const request: PlanRequest = {
    command: { argv, cwd: runtime.cwd, env: runtime.env, timeoutMs: COMMAND_TIMEOUT_MAX_MS, input: null },
    sandbox: runtime.sandbox,
    approval: runtime.approval,
    grants: [],
    rules: runtime.rules,
    hostRules: runtime.hostRules ?? [],
    escalation: null,
    host,
    terrain,
  };
  const story = plan(request);
  if (verb === 'explain') {
    streams.out(
      flags.json
        ? `${JSON.stringify(story, null, 2)}\n`
        : `${[...explain(story), '', ...explainTerrain(terrain)].join('\n')}\n`,
    );
    return EXIT.done;
  }
  const step = runnable(story);
  if (typeof step === 'string') {
    streams.err(`turnstile: ${step}\n`);
    return EXIT.sandbox;
  }
  const { runSpawn } = await import('./sandbox-run.ts');
  return runSpawn(step.spawn, surroundings);
};
