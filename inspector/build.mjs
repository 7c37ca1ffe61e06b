/** What a build keeps of the inspector: the page, the laid-out charts beside it, and the observer for other programs. */
import { build } from 'esbuild';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = (file) => fileURLToPath(new URL(file, import.meta.url));

export const buildInspector = async (outfile) => {
  const { buildPage } = await import('./build-page.ts');
  const { makeCharts } = await import('./make-charts.ts');
  const { rootMachine } = await import('../cli/charts.ts');
  const folder = dirname(outfile);
  writeFileSync(outfile, await buildPage());
  writeFileSync(join(folder, 'charts.json'), JSON.stringify(await makeCharts(rootMachine())));
  await build({
    entryPoints: [at('./index.ts')],
    outfile: join(folder, 'inspector.js'),
    ...{ bundle: true, platform: 'node', target: 'node24', format: 'esm', packages: 'external' },
    ...{ legalComments: 'none', logLevel: 'warning' },
  });
};
