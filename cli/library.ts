/**
 * The library: `import { createRuntime, loadConfig } from 'turnstile'`. What stands in actors/index.ts may be relied upon;
 * besides, a program can take the configuration that the command line would take, and change what it wants otherwise.
 */
import { readFileSync } from 'node:fs';
import type { RuntimeConfig } from '../actors/contract.ts';
import { resolveConfig } from './config.ts';

export * from '../actors/index.ts';
export { UsageError } from './mode.ts';

/** Where the configuration is looked for, and what is said beforehand. */
export interface ConfigOptions {
  /** The folder in which commands run. Default: the current one. */
  readonly cwd?: string;
  /** Where keys, `HOME` and `TURNSTILE_HOME` are found. Default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `KEY=VALUE`, as `-c` takes it; above every file. */
  readonly overrides?: readonly string[];
  /** The name of a `[profiles.NAME]`; what it says goes before the rest of the file. */
  readonly profile?: string;
  /** True: somebody answers `approval.requested` with `op.decide`. Default: false, and each question is refused at once. */
  readonly isAttended?: boolean;
  /** False: nothing is written to disk. Default: true. */
  readonly keepsJournal?: boolean;
}

const versionOf = (): string => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
};

/** Reads the user's configuration, and that of a trusted project. Rejects with a `UsageError` that names what is wrong. */
export const loadConfig = async ({
  cwd = process.cwd(),
  env = process.env,
  overrides,
  profile,
  isAttended = false,
  keepsJournal = true,
}: ConfigOptions = {}): Promise<RuntimeConfig> => {
  const flags = {
    ...(overrides !== undefined && { config: overrides }),
    ...(profile !== undefined && { profile }),
    ...(!keepsJournal && { ephemeral: true as const }),
  };
  const { runtime } = await resolveConfig({ flags, env, cwd, version: versionOf(), isAttended });
  return runtime;
};
