/** The licences of what the bundles contain, as their authors want them passed on: from what esbuild says that it took. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

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
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text =
      file === undefined ? '(no text in the package)' : readFileSync(join(root, folder, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `Parts of this program that others wrote, and their licences.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
};
