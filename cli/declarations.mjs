/**
 * The types of the library, for those who install it: what its entries export, and of the rest only what they lead to.
 * Made when the package is packed and not at every build: it takes as long as checking all types.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const outDir = join(root, 'dist/types');
const project = join(root, 'tsconfig.types.json');
const ENTRIES = ['cli/library', 'inspector/index'];

rmSync(outDir, { recursive: true, force: true });
writeFileSync(
  project,
  JSON.stringify({
    extends: './tsconfig.json',
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      noCheck: true,
      incremental: false,
      tsBuildInfoFile: null,
      rootDir: '.',
      outDir,
    },
    include: [],
    files: ENTRIES.map((entry) => `./${entry}.ts`),
  }),
);
try {
  const tsc = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')));
  execFileSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
} finally {
  rmSync(project);
}

const reached = new Set();
const follow = (file) => {
  if (reached.has(file) || !existsSync(file)) return;
  reached.add(file);
  for (const [, to = ''] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()["'](\.[^"']+)\.ts["']/g))
    follow(`${resolve(dirname(file), to)}.d.ts`);
};
for (const entry of ENTRIES) follow(join(outDir, `${entry}.d.ts`));
for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name);
  if (entry.isFile() && !reached.has(file)) rmSync(file);
}
