/** Makes the page from its sources. Needs the development packages; a build keeps the result. */
import { fileURLToPath } from 'node:url';
import { pageOf } from './page-template.ts';

const at = (file: string): string => fileURLToPath(new URL(`./page/${file}`, import.meta.url));

export const buildPage = async (): Promise<string> => {
  const { build } = await import('esbuild');
  const common = { bundle: true, write: false, minify: true, legalComments: 'none', logLevel: 'warning' } as const;
  const [script, style] = await Promise.all([
    build({
      ...common,
      entryPoints: [at('main.tsx')],
      format: 'iife',
      target: 'es2023',
      jsx: 'automatic',
      jsxImportSource: 'preact',
    }),
    build({ ...common, entryPoints: [at('style.css')] }),
  ]);
  return pageOf(script.outputFiles[0]?.text.trim() ?? '', style.outputFiles[0]?.text.trim() ?? '');
};
