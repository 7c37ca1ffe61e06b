/**
 * `docs/planner-table.md`, made from the decision table itself: typical requests are planned under every approval policy.
 * `node test/docs/planner-table.ts` writes it; a test says when that has to be done again.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assess } from '../../sandbox/facts.ts';
import type { ExecPlan, PlanRequest } from '../../sandbox/plan.ts';
import { plan, TABLE } from '../../sandbox/planner.ts';
import type { ApprovalPolicy, Rule } from '../../sandbox/policy.ts';
import {
  BARE_HOST,
  GATED_HOST,
  HOST,
  listing,
  MAC,
  patchOf,
  request,
  sh,
  TERRAIN,
} from '../../sandbox/request.fixture.ts';
import { root } from './documents.ts';

const POLICIES: readonly ApprovalPolicy[] = ['untrusted', 'on-failure', 'on-request', 'never'];
const READ_ONLY = { kind: 'readOnly', network: 'off' } as const;
const FULL = { kind: 'fullAccess' } as const;
const EXTERNAL = { kind: 'external' } as const;
const harmless = sh('ls -la');
const other = sh('npm test');
const dangerous = sh('rm -rf build');
const escalation = { justification: 'it needs the network' };

const ruled = (decision: Rule['decision']): Partial<PlanRequest> => ({
  rules: [{ pattern: ['npm'], decision, source: 'rules:1' }],
});
const NEVER = [{ host: '*.b.test', decision: 'forbidden', source: 'rules:1' }] as const;
const listed = (more: Partial<PlanRequest> = {}): PlanRequest =>
  request(other, { host: GATED_HOST, sandbox: listing(['a.test']), ...more });
const hostGrant = { kind: 'host', host: 'b.test:443', lifetime: 'session' } as const;
const outside = (path: string): Partial<PlanRequest> => ({
  terrain: { ...TERRAIN, reach: [{ path, real: path, folder: '/etc' }] },
});

/** What is asked for; `workspace-write` unless something else is said. */
const SITUATIONS: readonly (readonly [what: string, request: PlanRequest])[] = [
  ['a command known to be harmless: `ls -la`', request(harmless)],
  ['any other command: `npm test`', request(other)],
  ['a script that is not fully understood', request(sh('for f in *; do echo $f; done'))],
  ['a command known to be dangerous: `rm -rf build`', request(dangerous)],
  ['`npm test`, read-only', request(other, { sandbox: READ_ONLY })],
  ['`npm test`, full access', request(other, { sandbox: FULL })],
  ['`npm test`, external sandbox', request(other, { sandbox: EXTERNAL })],
  ['`rm -rf build`, full access', request(dangerous, { sandbox: FULL })],
  ['`npm test`, and the model asks to leave the sandbox', request(other, { escalation })],
  [
    '`npm test`, granted to run outside',
    request(other, { grants: [{ kind: 'unsandboxed', argv: other.argv, cwd: '/ws', lifetime: 'session' }] }),
  ],
  [
    '`npm test`, granted by its beginning',
    request(other, { grants: [{ kind: 'prefix', argv: ['npm', 'test'], lifetime: 'session' }] }),
  ],
  ['`npm test`, a rule allows it', request(other, ruled('allow'))],
  ['`npm test`, a rule wants a question', request(other, ruled('prompt'))],
  ['`npm test`, a rule forbids it', request(other, ruled('forbidden'))],
  ['`npm test`, and no sandbox can be built', request(other, { host: BARE_HOST })],
  ['`npm test`, and the network is a list of hosts', listed()],
  ['… and it was refused a host that is not listed', listed({ refused: ['b.test:443'] })],
  ['… that was granted meanwhile', listed({ refused: ['b.test:443'], grants: [hostGrant] })],
  ['… that a rule forbids', listed({ refused: ['c.b.test:443'], hostRules: NEVER })],
  ['`npm test`, a list of hosts, read-only', listed({ sandbox: { kind: 'readOnly', network: { hosts: ['a.test'] } } })],
  ['`npm test`, a list of hosts that cannot be kept here', listed({ host: HOST })],
  [
    '`npm test`, the model asks to leave the sandbox, and a rule wants a question',
    request(other, { escalation, ...ruled('prompt') }),
  ],
  ['a patch inside of the workspace', request(patchOf('/ws/a.txt'))],
  ['a patch outside of it', request(patchOf('/etc/hosts'), outside('/etc/hosts'))],
  ['a patch to a protected path', request(patchOf('/ws/.git/config'))],
  ['a patch, read-only', request(patchOf('/ws/a.txt'), { sandbox: READ_ONLY, terrain: { ...TERRAIN, roots: [] } })],
  ['an empty patch', request(patchOf())],
];

const landlock: PlanRequest['host'] = { ...BARE_HOST, helpers: GATED_HOST.helpers, probes: { landlock: null } };
const { bwrap: _, ...onlyPerl } = landlock.helpers;
const SANDBOXES: readonly (readonly [what: string, request: PlanRequest])[] = [
  ['`read-only`', request(other, { sandbox: READ_ONLY })],
  [
    '`read-only`, by Landlock',
    request(other, {
      sandbox: { ...READ_ONLY, fallback: 'landlock' },
      host: { ...landlock, helpers: onlyPerl },
      terrain: { ...TERRAIN, roots: [] },
    }),
  ],
  ['`workspace-write`', request(other)],
  ['`workspace-write`, a list of hosts', listed()],
  [
    '`workspace-write`, network on',
    request(other, { sandbox: { kind: 'workspaceWrite', writableRoots: ['/ws'], network: 'on', tmp: 'private' } }),
  ],
  ['`workspace-write`, on macOS', request(other, { host: MAC })],
  ['`workspace-write`, where no sandbox can be built', request(other, { host: BARE_HOST })],
  ['`external-sandbox`', request(other, { sandbox: EXTERNAL })],
  ['`danger-full-access`', request(other, { sandbox: FULL })],
];

const story = (step: ExecPlan): string => {
  switch (step.step) {
    case 'refuse':
      return 'refuse';
    case 'answer':
      return 'answer';
    case 'ask':
      return `ask → ${story(step.then)}`;
    case 'run': {
      const { backend, gate } = step.spawn;
      const where =
        backend === 'direct'
          ? 'run outside'
          : `run confined${backend === 'bubblewrap' ? '' : ` by ${backend}`}${gate === undefined ? '' : ` (${gate.hosts.join(', ')})`}`;
      const denied = step.ifDenied === null ? where : `${where}; if denied: ${story(step.ifDenied)}`;
      return step.ifRefused === undefined ? denied : `${denied}; if refused a host: planned again`;
    }
  }
};

const rowOf = (asked: PlanRequest): string => TABLE.find(({ when }) => when(assess(asked)))?.id ?? 'none';

const cell = (asked: PlanRequest): string => `${story(plan(asked))} (${rowOf(asked)})`;
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** The rows that none of the situations reaches: the document would keep quiet about them. */
export const unreached = (): readonly string[] => {
  const reached = new Set(SITUATIONS.flatMap(([, one]) => POLICIES.map((approval) => rowOf({ ...one, approval }))));
  return TABLE.map(({ id }) => id).filter((id) => !reached.has(id));
};

export const plannerTable = (): string =>
  [
    '# What the planner decides',
    '',
    '<!-- Made by `node test/docs/planner-table.ts` from the table in sandbox/planner.ts. Do not edit. -->',
    '',
    'Before anything runs, the whole story of a command is decided: who is asked, what is started, and what happens when the',
    'sandbox says no. The table is [sandbox/planner.ts](../sandbox/planner.ts); its first row that fits wins. Each cell names',
    'that row in brackets. *Confined*: in the sandbox of the policy. *Outside*: without one. The policy is `workspace-write`',
    'unless the situation says otherwise.',
    '',
    line(['Situation', ...POLICIES.map((policy) => `\`${policy}\``)]),
    line(['---', ...POLICIES.map(() => '---')]),
    ...SITUATIONS.map(([what, one]) => line([what, ...POLICIES.map((approval) => cell({ ...one, approval }))])),
    '',
    '## Policies',
    '',
    '`npm test`, under each approval policy and each sandbox.',
    '',
    line(['Sandbox', ...POLICIES.map((policy) => `\`${policy}\``)]),
    line(['---', ...POLICIES.map(() => '---')]),
    ...SANDBOXES.map(([what, one]) => line([what, ...POLICIES.map((approval) => cell({ ...one, approval }))])),
    '',
    '## Rows',
    '',
    'The rows, in the order in which they are tried:',
    '',
    ...TABLE.map(({ id }, index) => `${index + 1}. ${id}`),
    '',
  ].join('\n');

export const TABLE_FILE = join(root, 'docs/planner-table.md');

if (import.meta.main) writeFileSync(TABLE_FILE, plannerTable());
