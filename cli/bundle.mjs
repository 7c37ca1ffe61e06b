/**
 * What a bundle of the program is besides esbuild's: CommonJS, and of one byte a character. Both were measured.
 *
 * An `import` of Node's own `http`, written or dynamic, asks each of its exports for its value, and one of them loads the
 * whole of a WebSocket client: as much time as Node itself needs to start. `require` asks for nothing. And one character
 * outside of ASCII makes V8 keep all of the text in two bytes each.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** esbuild's own words for what only modules know, and how Node's parts are loaded when they are needed. */
export const asCommonJs = {
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

export const writeProgram = ({ outputFiles }) =>
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
export const execOnly = {
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
