#!/usr/bin/env node
// The `turnstile` command. Plain JavaScript that old versions of Node can parse: it must be able to say that they are old.
// `--version` is answered here, before anything else is loaded.
import { existsSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 24;
const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write('turnstile ' + manifest.version + '\n');
} else if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    'turnstile needs Node ' +
      OLDEST_NODE +
      ' or newer, and this is ' +
      process.versions.node +
      '; `npx turnstile` and the npm scripts of this package bring their own.\n',
  );
  process.exitCode = 2;
} else {
  // Compiled code is kept between starts, in the user's own folder: whoever could write there could run code as us.
  const home = process.env.TURNSTILE_HOME || (process.env.HOME ? join(process.env.HOME, '.turnstile') : null);
  if (home !== null && !process.env.NODE_DISABLE_COMPILE_CACHE && module.enableCompileCache)
    module.enableCompileCache(join(home, 'cache', 'compiled'));
  const bundle = new URL('../dist/turnstile.js', import.meta.url);
  const isBuilt = !process.env.TURNSTILE_FROM_SOURCE && existsSync(fileURLToPath(bundle));
  const entry = isBuilt ? bundle : new URL('./main.ts', import.meta.url);
  const { main } = await import(entry.href);
  await main();
}
