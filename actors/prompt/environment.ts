/**
 * What the model is told about its surroundings: in full at the beginning, later only what changed. Pure. Nothing that was
 * said is ever rewritten, so the prefix of a request stays the same, byte by byte, for the whole session.
 */
import type { ContextItem, Item } from '../../machines/protocol/index.ts';
import { networkOf, type ApprovalPolicy, type SandboxPolicy } from '../../sandbox/policy.ts';

export interface Surroundings {
  readonly cwd: string;
  readonly approval: ApprovalPolicy;
  readonly sandbox: SandboxPolicy;
  readonly shell: string;
  /** `YYYY-MM-DD`, where the user is. */
  readonly date: string;
}

/** How these items begin; by it a provider or a reader of old journals knows them. */
export const INSTRUCTIONS_PREFIX = '# AGENTS.md instructions for ';
export const ENVIRONMENT_PREFIX = '<environment_context>';

const MODES: Readonly<Record<SandboxPolicy['kind'], string>> = {
  readOnly: 'read-only',
  workspaceWrite: 'workspace-write',
  external: 'external-sandbox',
  fullAccess: 'danger-full-access',
};
const NETWORK = { off: 'restricted', loopback: 'loopback-only', on: 'enabled' } as const;
const HOSTS = 'only by the proxy of HTTP_PROXY, only to these hosts: ';

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const networkFor = (policy: SandboxPolicy): string => {
  const network = networkOf(policy);
  return typeof network === 'string' ? NETWORK[network] : `${HOSTS}${escape(network.hosts.join(' '))}`;
};

const rootsOf = (policy: SandboxPolicy): readonly string[] =>
  policy.kind === 'workspaceWrite' ? policy.writableRoots : [];

/** Element → content, already escaped. */
const partsOf = ({ cwd, approval, sandbox, shell, date }: Surroundings): readonly (readonly [string, string])[] => [
  ['cwd', escape(cwd)],
  ['approval_policy', approval],
  ['sandbox_mode', MODES[sandbox.kind]],
  ['network_access', networkFor(sandbox)],
  [
    'writable_roots',
    rootsOf(sandbox)
      .map((root) => `<root>${escape(root)}</root>`)
      .join(''),
  ],
  ['shell', escape(shell)],
  ['current_date', date],
];

const environment = (parts: readonly (readonly [string, string])[]): ContextItem => ({
  type: 'context',
  about: 'environment',
  text: [
    ENVIRONMENT_PREFIX,
    ...parts.map(([name, content]) => (content === '' ? `  <${name} />` : `  <${name}>${content}</${name}>`)),
    '</environment_context>',
  ].join('\n'),
});

const instructions = (doc: string, cwd: string): ContextItem => ({
  type: 'context',
  about: 'instructions',
  text: `${INSTRUCTIONS_PREFIX}${cwd}\n\n<INSTRUCTIONS>\n${doc}\n</INSTRUCTIONS>`,
});

/** The items before the first words of the user. `doc`: the text of `project-doc.ts`, or empty. */
export const firstItems = (surroundings: Surroundings, doc: string): readonly ContextItem[] => [
  ...(doc.trim() === '' ? [] : [instructions(doc, surroundings.cwd)]),
  environment(partsOf(surroundings).filter(([name, content]) => name !== 'writable_roots' || content !== '')),
];

/** Element → content, as the model was last told. */
const toldIn = (history: readonly Item[]): ReadonlyMap<string, string> =>
  new Map(
    history.flatMap((item) =>
      item.type === 'context' && item.about === 'environment'
        ? [...item.text.matchAll(/^  <(\w+)(?: \/>|>(.*)<\/\1>)$/gm)].map(
            ([, name = '', content = '']) => [name, content] as const,
          )
        : [],
    ),
  );

/** What to append before the next words: all of it where nothing was told, then only what is no longer so (C.3.1). */
export const since = (history: readonly Item[], surroundings: Surroundings, doc: string): readonly ContextItem[] => {
  const told = toldIn(history);
  const all = firstItems(surroundings, doc);
  if (told.size === 0) return all;
  const news = partsOf(surroundings).filter(([name, content]) => (told.get(name) ?? '') !== content);
  const isTold = ({ text }: ContextItem) => history.some((item) => item.type === 'context' && item.text === text);
  return [
    ...all.filter((item) => item.about === 'instructions' && !isTold(item)),
    ...(news.length === 0 ? [] : [environment(news)]),
  ];
};
