/**
 * Bundles what starts: fewer files to find, less to parse. Nothing is built for development, where Node runs the sources.
 */
import { build } from 'esbuild';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asCommonJs, execOnly, writeProgram } from './bundle.mjs';
import { noticesOf } from './notices.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path) => `${root}${path}`;

/** The full zod is needed for one rare flag; bundled, it would be parsed at every start beside its small sister. */
const keepApart = ({ onResolve }) => {
  onResolve({ filter: /^zod$/ }, () => ({ path: 'zod', external: true }));
  // The other half of `turnstile mcp-server`, which is loaded by that command alone.
  onResolve({ filter: /\/mcp-server\/wire\.ts$/ }, ({ path }) => ({ path, external: true }));
  // Needed only where sessions are shared; it brings a driver of its own.
  onResolve({ filter: /\/postgres\.log\.ts$/ }, () => ({ path: './postgres.js', external: true }));
};

const common = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  // Two dependencies are still CommonJS inside and ask for Node's own modules by `require`.
  banner: {
    js: "import{createRequire as __c}from'node:module';let __q;const require=(id)=>(__q??=__c(import.meta.url))(id);",
  },
  // By its Node condition rxjs is CommonJS, of which nothing can be left out.
  alias: { rxjs: at('node_modules/rxjs/dist/esm/index.js') },
  plugins: [{ name: 'keep the rare one apart', setup: keepApart }],
  logLevel: 'warning',
};

// The types of the library are made by declarations.mjs, which npm calls before us when it packs.
for (const name of existsSync(at('dist')) ? readdirSync(at('dist')) : [])
  if (name !== 'types') rmSync(at(`dist/${name}`), { recursive: true });
// One file each: what an `await import()` names is still only run when it is reached, and finding twenty chunks costs more
// than reading one file. The patch program is apart, since it is started with an empty environment inside a sandbox.
const program = {
  turnstile: common.plugins,
  exec: [...common.plugins, execOnly],
};
const entries = {
  index: 'cli/library.ts',
  'apply-patch': 'cli/apply-patch.ts',
  mcp: 'actors/mcp/worker.ts',
  'mcp-server': 'cli/mcp-server/wire.ts',
  postgres: 'actors/log/postgres.log.ts',
};
const builtProgram = await Promise.all(
  Object.entries(program).map(([name, plugins]) =>
    build({
      ...{ ...common, ...asCommonJs, plugins, metafile: true, absWorkingDir: root },
      ...{ entryPoints: [at('cli/main.ts')], outfile: at(`dist/${name}.cjs`) },
    }),
  ),
);
await Promise.all(builtProgram.map(writeProgram));
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
