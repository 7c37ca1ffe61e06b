/** Words about absolute, normalised paths. Nothing here looks at a disk. */

/** Whether `path` is `folder` or lies below it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || folder === '/' || path.startsWith(`${folder}/`);

/** How many names deep; `/` is 0. */
export const depthOf = (path: string): number => (path === '/' ? 0 : path.split('/').length - 1);

/** The folders strictly between `folder` and `path`, shallowest first. */
export const between = (folder: string, path: string): readonly string[] => {
  if (path === folder || !isWithin(path, folder)) return [];
  const base = folder === '/' ? '' : folder;
  const names = path.slice(base.length + 1).split('/');
  return names.slice(0, -1).map((_, index) => `${base}/${names.slice(0, index + 1).join('/')}`);
};

/** Shallow before deep, so that what is mounted later lies inside what was mounted before. */
export const byDepth = (left: string, right: string): number => depthOf(left) - depthOf(right);
