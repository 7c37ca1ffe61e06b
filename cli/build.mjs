/**
 * Bundles what starts: fewer files to find, less to parse. Nothing is built for development, where Node runs the sources.
 * The chunks are split at every `await import()`, so that a mode loads only what it uses.
 */
import { build } from 'esbuild';
import { existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path) => `${root}${path}`;

/** The full zod is needed for one rare flag; bundled, it would be parsed at every start beside its small sister. */
const keepApart = ({ onResolve }) => onResolve({ filter: /^zod$/ }, () => ({ path: 'zod', external: true }));

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
  banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
  // By its Node condition rxjs is CommonJS, of which nothing can be left out.
  alias: { rxjs: at('node_modules/rxjs/dist/esm/index.js') },
  plugins: [{ name: 'keep the rare one apart', setup: keepApart }],
  logLevel: 'warning',
};

rmSync(at('dist'), { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: { turnstile: at('cli/main.ts'), index: at('actors/index.ts') },
    outdir: at('dist'),
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
  }),
  // One file of its own: it is started with an empty environment inside a sandbox, once per patch.
  build({ ...common, entryPoints: [at('cli/apply-patch.ts')], outfile: at('dist/apply-patch.js') }),
]);
if (existsSync(at('inspector/build.mjs'))) {
  const { buildInspector } = await import('../inspector/build.mjs');
  await buildInspector(at('dist/inspector.html'));
}
