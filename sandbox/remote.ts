/**
 * May a tool of an MCP server be used? By what the server says of it, the approval policy, and what the user said. No
 * sandbox of ours holds what a server does, so whatever may change something is asked about. Pure.
 */
import type { Grant } from '../machines/protocol/index.ts';
import { hashOf } from './hash.ts';
import type { CallPlan, Remote, RemoteStep } from './plan.ts';
import { confines, type ApprovalPolicy, type SandboxPolicy } from './policy.ts';
import { offersInWords } from './question.ts';

/** What a server says of its tool; where it says nothing, the protocol means the worse. */
export interface Hints {
  readonly readOnlyHint?: boolean | undefined;
  readonly destructiveHint?: boolean | undefined;
  readonly openWorldHint?: boolean | undefined;
}

/** `auto`: by the hints. `prompt`: always ask. `approve`: the user wrote that it needs no question. */
export type RemoteApproval = 'auto' | 'prompt' | 'approve';

export interface RemoteRequest {
  readonly remote: Remote;
  readonly hints: Hints;
  readonly approval: ApprovalPolicy;
  readonly wanted: RemoteApproval;
  readonly sandbox: SandboxPolicy;
  readonly grants: readonly Grant[];
}

export const mayOnlyRead = ({ readOnlyHint }: Hints): boolean => readOnlyHint === true;

/** Why somebody must be asked; null: nobody. */
const concern = ({ hints, approval, wanted }: RemoteRequest): string | null => {
  if (wanted === 'approve') return null;
  if (wanted === 'prompt') return 'the configuration says that this tool is asked about';
  if (mayOnlyRead(hints)) return null;
  if (hints.destructiveHint !== false)
    return hints.destructiveHint === true
      ? 'its server says that it may destroy something'
      : 'its server does not say that it destroys nothing';
  if (hints.openWorldHint !== false)
    return hints.openWorldHint === true
      ? 'its server says that it reaches into the world outside'
      : 'its server does not say that it stays at home';
  return approval === 'untrusted' ? 'it may change something, and the approval policy is untrusted' : null;
};

export const planRemote = (request: RemoteRequest): CallPlan => {
  const { remote, approval, sandbox, grants } = request;
  const { server, tool } = remote;
  const then: RemoteStep = { step: 'remote', remote };
  const why = concern(request);
  const isGranted = grants.some((grant) => grant.kind === 'mcp' && grant.server === server && grant.tool === tool);
  if (why === null || isGranted) return then;
  if (approval === 'never') {
    if (!confines(sandbox) && request.wanted === 'auto') return then;
    const reason = `${tool} of the MCP server ${server} was not used: ${why}, and the approval policy is never. Do not try it again.`;
    return { step: 'refuse', reason };
  }
  const offers: readonly Grant[] = [{ kind: 'mcp', server, tool, lifetime: 'session' }];
  return {
    step: 'ask',
    question: {
      why: `${tool} of the MCP server ${server}: ${why}`,
      now: null,
      ifYes: { backend: 'mcp', sandbox: 'outside of any sandbox, where the server runs' },
      offers: [...offers],
      offersInWords: offersInWords(offers),
      planHash: hashOf(then),
    },
    then,
  };
};
