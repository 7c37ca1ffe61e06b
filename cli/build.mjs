/**
 * Bundles what starts: fewer files to find, less to parse. Nothing is built for development, where Node runs the sources.
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
  banner: {
    js: "import{createRequire as __c}from'node:module';let __q;const require=(id)=>(__q??=__c(import.meta.url))(id);",
  },
  // By its Node condition rxjs is CommonJS, of which nothing can be left out.
  alias: { rxjs: at('node_modules/rxjs/dist/esm/index.js') },
  plugins: [{ name: 'keep the rare one apart', setup: keepApart }],
  logLevel: 'warning',
};

rmSync(at('dist'), { recursive: true, force: true });
// One file each: what an `await import()` names is still only run when it is reached, and finding twenty chunks costs more
// than reading one file. The patch program is apart, since it is started with an empty environment inside a sandbox.
await Promise.all(
  Object.entries({ turnstile: 'cli/main.ts', index: 'actors/index.ts', 'apply-patch': 'cli/apply-patch.ts' }).map(
    ([name, entry]) => build({ ...common, entryPoints: [at(entry)], outfile: at(`dist/${name}.js`) }),
  ),
);
if (existsSync(at('inspector/build.mjs'))) {
  const { buildInspector } = await import('../inspector/build.mjs');
  await buildInspector(at('dist/inspector.html'));
}
