/** Was it the list of hosts that made a command fail? What the sandbox is certain of stands before that. Pure. */
import type { Denial, ExecEnding } from '../../sandbox/plan.ts';

export const withHosts = (denial: Denial | null, ending: ExecEnding, hosts: readonly string[]): Denial | null => {
  const isWell = ending.kind === 'exited' && ending.code === 0;
  if (hosts.length === 0 || isWell || denial?.certainty === 'certain') return denial;
  const evidence = `not in the list of hosts: ${hosts.join(', ')}`;
  return { what: 'network', certainty: 'likely', evidence, paths: [], hosts };
};
