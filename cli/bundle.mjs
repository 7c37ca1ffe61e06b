/**
 * Bundles, and those of the program above all: CommonJS, and of one byte a character. Both were measured.
 *
 * An `import` of Node's own `http`, written or dynamic, asks each of its exports for its value, and one of them loads the
 * whole of a WebSocket client: as much time as Node itself needs to start. `require` asks for nothing. And one character
 * outside of ASCII makes V8 keep all of the text in two bytes each.
 */
import { build } from 'esbuild';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** The full zod is needed for one rare flag; bundled, it would be parsed at every start beside its small sister. */
const keepApart = ({ onResolve }) => {
  onResolve({ filter: /^zod$/ }, () => ({ path: 'zod', external: true }));
  // The other half of `turnstile mcp-server`, which is loaded by that command alone.
  onResolve({ filter: /\/mcp-server\/wire\.ts$/ }, ({ path }) => ({ path, external: true }));
  // Needed only where sessions are shared; it brings a driver of its own.
  onResolve({ filter: /\/postgres\.log\.ts$/ }, () => ({ path: './postgres.js', external: true }));
};

export const common = {
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
  alias: { rxjs: join(root, 'node_modules/rxjs/dist/esm/index.js') },
  plugins: [{ name: 'keep the rare one apart', setup: keepApart }],
  logLevel: 'warning',
};

/** esbuild's own words for what only modules know, and how Node's parts are loaded when they are needed. */
const asCommonJs = {
  format: 'cjs',
  banner: {
    js: "'use strict';const __url=require('node:url').pathToFileURL(__filename).href,__dir=__dirname,__lazy=async(id)=>require(id);",
  },
  define: {
    'process.env.NODE_ENV': '"production"',
    'import.meta.url': '__url',
    'import.meta.dirname': '__dir',
    'import.meta.main': 'false',
  },
  write: false,
};

/** Strings and templates are escaped already; what is left stands in regular expressions, where this means the same. */
const inAscii = (text) =>
  text.replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const writeProgram = ({ outputFiles }) =>
  Promise.all(
    outputFiles.map(async ({ path, text }) => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, inAscii(text.replaceAll(/\bimport\("(node:[\w/]+)"\)/g, '__lazy("$1")')));
    }),
  );

const NEVER = 'is not in the bundle of `exec`; the launcher should have taken the other one';

/**
 * A turn of `exec` starts a process, so it has a bundle of its own, without the other modes: half as much to read. The
 * launcher takes it only where these cannot be asked for.
 */
const execOnly = {
  name: 'exec only',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/[\w-]+\.ts$/ }, ({ path, importer, kind }) => {
      if (kind !== 'dynamic-import') return undefined;
      const isOtherMode = importer.endsWith('/cli/commands.ts') && path !== './exec.ts';
      const isRare = importer.endsWith('/cli/exec.ts') && /inspect-live|json-schema/.test(path);
      return isOtherMode || isRare ? { path, namespace: 'never' } : undefined;
    });
    onLoad({ filter: /./, namespace: 'never' }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} ${NEVER}`)});export {};`,
    }));
  },
};

/** @param {string} folder where the two bundles of the program are written */
export const buildProgram = async (folder) => {
  const kinds = { turnstile: common.plugins, exec: [...common.plugins, execOnly] };
  const built = await Promise.all(
    Object.entries(kinds).map(([name, plugins]) =>
      build({
        ...{ ...common, ...asCommonJs, plugins, metafile: true, absWorkingDir: root },
        ...{ entryPoints: [join(root, 'cli/main.ts')], outfile: join(folder, `${name}.cjs`) },
      }),
    ),
  );
  await Promise.all(built.map(writeProgram));
  return built;
};
