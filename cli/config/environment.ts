/**
 * The environment that commands get: `shell_environment_policy` over ours. Pure.
 * Secrets stay out unless the user says otherwise: a command of the model has no business with them.
 */
import type { EnvironmentPolicy } from './keys.ts';

const CORE = [
  ...['HOME', 'LOGNAME', 'PATH', 'SHELL', 'USER', 'USERNAME', 'TMPDIR', 'TEMP', 'TMP'],
  ...['LANG', 'LC_ALL', 'LC_CTYPE'],
];
/** Names of what opens doors: keys and passwords, and the sockets of agents that hold them. */
const SECRET = /KEY|SECRET|TOKEN|PASSW|CREDENTIAL|AUTH|^DBUS_|^SSH_AUTH_SOCK$|^SSH_AGENT_PID$|^GPG_AGENT_INFO$/i;

/** `*` and `?`, without regard to case. */
const glob = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  );

type Env = Readonly<Record<string, string>>;

const filtered = (env: Env, keeps: (name: string) => boolean): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => keeps(name)));

export const commandEnvironment = (
  ours: Readonly<Record<string, string | undefined>>,
  policy: EnvironmentPolicy = {},
): Env => {
  const matches = (patterns: readonly string[] | undefined) => {
    const globs = (patterns ?? []).map(glob);
    return (name: string) => globs.some((one) => one.test(name));
  };
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(ours)) if (value !== undefined) set[name] = value;

  const inherited: Env = {
    all: set,
    core: filtered(set, (name) => CORE.includes(name.toUpperCase())),
    none: {},
  }[policy.inherit ?? 'all'];
  const harmless = policy.ignore_default_excludes === true ? inherited : filtered(inherited, (n) => !SECRET.test(n));
  const excluded = filtered(harmless, (name) => !matches(policy.exclude)(name));
  const complete: Env = { ...excluded, ...policy.set };
  const only = policy.include_only ?? [];
  return only.length === 0 ? complete : filtered(complete, matches(only));
};
