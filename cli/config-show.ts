/** `turnstile config show`: the values that would be used here; with --origin, where each comes from. Never a key. */
import type { RuntimeConfig } from '../actors/contract.ts';
import { resolveConfig, type Resolved } from './config.ts';
import { dotted, leaves } from './config/tree.ts';
import { UsageError, type Mode } from './mode.ts';

interface Row {
  readonly key: string;
  readonly value: unknown;
  readonly origin: string;
}

/** A key in the file, and what it came to, where it has a default worth showing. */
const effective = (config: RuntimeConfig): readonly (readonly [key: string, value: unknown])[] => [
  ['model', config.model],
  ['model_provider', config.provider.id],
  ['model_context_window', config.windowSize],
  ['model_auto_compact_token_limit', config.compactAt],
  ['approval_policy', config.approval],
  [
    'sandbox_mode',
    {
      readOnly: 'read-only',
      workspaceWrite: 'workspace-write',
      fullAccess: 'danger-full-access',
      external: 'external',
    }[config.sandbox.kind],
  ],
  ['project_doc_max_bytes', config.projectDocMaxBytes],
];

/** Values that may carry a secret in a header or an environment are named, not shown. */
const isSecret = (key: string): boolean => /(^|\.)(http_headers|env|set|experimental_bearer_token)(\.|$)/.test(key);

export const configRows = ({ layers, runtime }: Resolved): readonly Row[] => {
  const given = new Map(leaves({ ...layers.config }).map(([path, value]) => [dotted(path), value]));
  const originOf = (key: string) => layers.origins.get(key) ?? 'default';
  const known = effective(runtime).map(([key, value]) => ({ key, value, origin: originOf(key) }));
  const others = [...given]
    .filter(([key]) => !known.some((row) => row.key === key))
    .map(([key, value]) => ({ key, value: isSecret(key) ? '(not shown)' : value, origin: originOf(key) }));
  return [...known, ...others.toSorted((a, b) => (a.key < b.key ? -1 : 1))];
};

export const run: Mode = async ({ flags, operands }, { env, cwd, version, streams }) => {
  if (operands[0] !== 'show') throw new UsageError('config show is the only thing config does');
  const resolved = await resolveConfig({ flags, env, cwd, version, isAttended: true });
  for (const warning of resolved.warnings) streams.err(`turnstile: warning: ${warning}\n`);
  const rows = configRows(resolved);
  if (flags.json) {
    const told = Object.fromEntries(
      rows.map(({ key, value, origin }) => [key, flags.origin ? { value, origin } : value]),
    );
    streams.out(`${JSON.stringify(told, null, 2)}\n`);
    return 0;
  }
  for (const { key, value, origin } of rows)
    streams.out(`${key} = ${JSON.stringify(value)}${flags.origin ? `  # ${origin}` : ''}\n`);
  return 0;
};
