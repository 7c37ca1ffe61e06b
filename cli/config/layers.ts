/** The layers of the configuration, lowest first, and what they come to. Reads files; an unreadable one is a problem, a missing one is not. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { check } from './check.ts';
import { withoutTrust } from './hooks.ts';
import { ConfigFile } from './keys.ts';
import { at, dotted, isList, isTree, keysOf, leaves, overlay, treeOf, type Tree } from './tree.ts';

export interface Layer {
  /** As messages and `config show --origin` name it. */
  readonly origin: string;
  readonly tree: Tree;
}

export interface Layers {
  readonly config: ConfigFile;
  /** Dotted key → where its value comes from. */
  readonly origins: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** What the user decided about this project; null: nothing yet. */
  readonly trust: 'trusted' | 'untrusted' | null;
}

const parseToml = async (text: string): Promise<Tree> => {
  const { parse } = await import('smol-toml');
  return parse(text);
};

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';

const readLayer = async (file: string): Promise<Layer | string | null> => {
  if (!existsSync(file)) return null;
  try {
    return { origin: file, tree: await parseToml(readFileSync(file, 'utf8')) };
  } catch (error) {
    const line = isTree(error) && typeof error['line'] === 'number' ? `:${error['line']}` : '';
    return `${file}${line}: ${firstLine(error)}`;
  }
};

/** `-c a.b=VALUE`. Most values are plain, so TOML is only loaded for those that are not. */
export const parseOverride = async (text: string): Promise<Layer | string> => {
  const equals = text.indexOf('=');
  const keys = equals < 1 ? null : keysOf(text.slice(0, equals).trim());
  if (keys === null) return `-c ${JSON.stringify(text)}: expected KEY=VALUE`;
  const raw = text.slice(equals + 1).trim();
  const origin = '-c';
  if (/^[A-Za-z_/.-][\w /.:-]*$/.test(raw) && !/^(true|false|inf|nan|[-.])/.test(raw))
    return { origin, tree: treeOf(keys, raw) };
  const value = await parseToml(`value = ${raw}`).then(
    (parsed) => parsed['value'],
    () => raw,
  );
  return { origin, tree: treeOf(keys, value) };
};

const real = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

/** The nearest folder upwards that has a `.git`, else the folder itself: what a trust decision is about. */
export const projectRoot = (cwd: string, markers: readonly string[] = ['.git']): string => {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (markers.some((marker) => existsSync(join(folder, marker)))) return folder;
    if (dirname(folder) === folder) return cwd;
  }
};

const trusts = (tree: Tree, folders: readonly string[]): 'trusted' | 'untrusted' | null => {
  const projects = tree['projects'];
  if (!isTree(projects)) return null;
  for (const folder of folders)
    for (const [path, entry] of Object.entries(projects)) {
      if (path !== folder && real(path) !== real(folder)) continue;
      const level = at(projects, [path, 'trust_level']);
      if (level === 'trusted' || level === 'untrusted') return isTree(entry) ? level : null;
    }
  return null;
};

export interface LayerSources {
  readonly home: string;
  readonly cwd: string;
  /** `-c`, in the order given. */
  readonly overrides: readonly string[];
  readonly profile: string | undefined;
  /** Keys that flags set. */
  readonly flags: readonly Layer[];
}

export const readLayers = async ({ home, cwd, overrides, profile, flags }: LayerSources): Promise<Layers> => {
  const problems: string[] = [];
  const keep = (layer: Layer | string | null): readonly Layer[] => {
    if (typeof layer === 'string') problems.push(layer);
    return layer === null || typeof layer === 'string' ? [] : [layer];
  };
  const user = keep(await readLayer(join(home, 'config.toml')));
  const given = (await Promise.all(overrides.map(parseOverride))).flatMap(keep);

  const root = projectRoot(cwd);
  // Trust is the user's to give: only their own file and their own command line are asked, never the project's.
  const trust =
    [...user, ...given].map(({ tree }) => trusts(tree, [cwd, root])).findLast((level) => level !== null) ?? null;
  const folders = [...new Set([root, cwd])];
  const found =
    trust === 'trusted'
      ? (await Promise.all(folders.map((folder) => readLayer(join(folder, '.turnstile', 'config.toml'))))).flatMap(keep)
      : [];
  const boasts: string[] = [];
  const project = found.map(({ origin, tree }) => {
    const { tree: kept, isLess } = withoutTrust(tree);
    if (isLess)
      boasts.push(`${origin}: a project cannot say of its own hooks that they are trusted; they run in the sandbox`);
    return { origin, tree: kept };
  });

  const files = [...user, ...project].reduce<Tree>((below, { tree }) => overlay(below, tree), {});
  const named =
    profile ?? given.map(({ tree }) => tree['profile']).findLast((p) => p !== undefined) ?? files['profile'];
  const profiled = typeof named === 'string' ? at(files, ['profiles', named]) : undefined;
  if (typeof named === 'string' && !isTree(profiled)) {
    const known = Object.keys(isTree(files['profiles']) ? files['profiles'] : {});
    problems.push(
      `there is no profile ${JSON.stringify(named)}${known.length === 0 ? '' : `; known: ${known.join(', ')}`}`,
    );
  }
  const profiles: readonly Layer[] = isTree(profiled) ? [{ origin: `profile ${String(named)}`, tree: profiled }] : [];

  const all = [...user, ...project, ...profiles, ...given, ...flags];
  const checks = [...user, ...project, ...given].map(({ tree, origin }) => check(tree, origin));
  problems.push(...checks.flatMap((one) => one.problems));
  const origins = new Map<string, string>();
  for (const { tree, origin } of all)
    for (const [path, value] of leaves(tree)) {
      const before = origins.get(dotted(path));
      origins.set(dotted(path), before !== undefined && isList(value) ? `${before}, ${origin}` : origin);
    }
  const merged = all.reduce<Tree>((below, { tree }) => overlay(below, tree), {});
  const parsed = ConfigFile.safeParse(merged);
  return {
    config: parsed.success ? parsed.data : {},
    origins,
    problems,
    warnings: [...checks.flatMap((one) => one.warnings), ...boasts],
    trust,
  };
};
