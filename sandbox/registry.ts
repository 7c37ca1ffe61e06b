/** The backends, best first. A new one is a new line here. */
import { bubblewrap } from './backends/bubblewrap.backend.ts';
import { gateProblem } from './backends/bubblewrap.gate.ts';
import { direct } from './backends/direct.backend.ts';
import { landlock } from './backends/landlock.backend.ts';
import { seatbelt } from './backends/seatbelt.backend.ts';
import type { Host, SandboxBackend, Unavailable } from './plan.ts';
import { hostsOf, type SandboxPolicy } from './policy.ts';

export const BACKENDS: readonly SandboxBackend[] = [bubblewrap, landlock, seatbelt, direct];

export const backendNamed = (name: string): SandboxBackend | null =>
  BACKENDS.find((known) => known.name === name) ?? null;

/** Why a policy cannot be kept on this machine: what each backend says that could have been meant for it. */
export const reasonsAgainst = (host: Host, policy: SandboxPolicy): readonly Unavailable[] => {
  const all = BACKENDS.flatMap((backend) => backend.unavailable(host, policy) ?? []);
  const telling = all.filter(({ layer }) => layer !== 'platform' && layer !== 'policy');
  return telling.length > 0 ? telling : all.filter(({ layer }) => layer === 'platform');
};

/** The first backend that can keep the policy here; null: none can. */
export const choose = (host: Host, policy: SandboxPolicy): SandboxBackend | null =>
  BACKENDS.find((backend) => backend.unavailable(host, policy) === null) ?? null;

/** Why a list of hosts cannot be kept here, so that the network is off; null: it can, or there is no list. */
export const closed = (host: Host, policy: SandboxPolicy): Unavailable | null => {
  const chosen = choose(host, policy);
  if (hostsOf(policy) === null || chosen === null) return null;
  if (chosen.name === 'bubblewrap') return gateProblem(host);
  const reason = `a list of hosts can be kept by bubblewrap only, and this is ${chosen.name}`;
  return { layer: 'policy', reason, remedy: 'choose network_access = false or true' };
};
