/**
 * Bundles what starts: fewer files to find, less to parse. Nothing is built for development, where Node runs the sources.
 */
import { build } from 'esbuild';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { buildProgram, common, root } from './bundle.mjs';
import { noticesOf } from './notices.mjs';

const at = (path) => `${root}${path}`;

// The types of the library are made by declarations.mjs, which npm calls before us when it packs.
for (const name of existsSync(at('dist')) ? readdirSync(at('dist')) : [])
  if (name !== 'types') rmSync(at(`dist/${name}`), { recursive: true });
// One file each: what an `await import()` names is still only run when it is reached, and finding twenty chunks costs more
// than reading one file. The patch program is apart, since it is started with an empty environment inside a sandbox.
const entries = {
  index: 'cli/library.ts',
  'apply-patch': 'cli/apply-patch.ts',
  mcp: 'actors/mcp/worker.ts',
  'mcp-server': 'cli/mcp-server/wire.ts',
  postgres: 'actors/log/postgres.log.ts',
};
const builtProgram = await buildProgram(at('dist'));
const built = await Promise.all(
  Object.entries(entries).map(([name, entry]) =>
    build({
      ...common,
      // A program that uses the library shares these with it: there is one XState, and the types are those of its own.
      ...(name === 'index' && { alias: {}, external: ['xstate', 'rxjs', 'zod'] }),
      // The SDK needs the whole of zod, and who loads it waits for nothing else.
      ...(name.startsWith('mcp') && { plugins: [] }),
      ...(name === 'postgres' && { plugins: [], external: ['pg-native', 'pg-cloudflare'] }),
      ...{ entryPoints: [at(entry)], outfile: at(`dist/${name}.js`), metafile: true, absWorkingDir: root },
    }),
  ),
);
writeFileSync(
  at('dist/THIRD-PARTY.txt'),
  noticesOf(
    [...builtProgram, ...built].map(({ metafile }) => metafile),
    root,
    ['preact', '@preact/signals', '@preact/signals-core'], // of the inspector's page
  ),
);
if (existsSync(at('inspector/build.mjs'))) {
  const { buildInspector } = await import('../inspector/build.mjs');
  await buildInspector(at('dist/inspector.html'));
}
