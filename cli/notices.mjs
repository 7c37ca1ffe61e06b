/** The licences of what the bundles contain, as their authors want them passed on: from what esbuild says that it took. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** A file of its own, or where there is none what the readme says below its heading. */
const textIn = (folder) => {
  const find = (name) => readdirSync(folder).find((entry) => name.test(entry));
  const own = find(/^licen[cs]e/i);
  if (own !== undefined) return readFileSync(join(folder, own), 'utf8').trim();
  const readme = find(/^readme/i);
  const told = readme === undefined ? null : readFileSync(join(folder, readme), 'utf8');
  return told?.split(/^#+ *licen[cs]e.*$/im)[1]?.trim();
};

/** @param {readonly import('esbuild').Metafile[]} metafiles */
export const noticesOf = (metafiles, root, besides) => {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
    ),
  );
  const taken = inputs.flatMap((path) => FOLDER.exec(path)?.[1] ?? []);
  const folders = [...new Set([...taken, ...besides.map((name) => `node_modules/${name}`)])].sort();
  const parts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const text = textIn(join(root, folder)) ?? '(no text in the package)';
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `Parts of this program that others wrote, and their licences.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
};
