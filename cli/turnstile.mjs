#!/usr/bin/env node
// The `turnstile` command. Plain JavaScript that old versions of Node can parse: it must be able to say that they are old.
// `--version` is answered here, before anything else is loaded.
const OLDEST_NODE = 24;
const args = process.argv.slice(2);

/** An `import` of these would ask for each of their exports, and some load much to answer. Old versions know no other way. */
const own = (name) => (process.getBuiltinModule ? process.getBuiltinModule(name) : import(name));

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  const { readFileSync } = await own('node:fs');
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
  const { existsSync } = await own('node:fs');
  const module = await own('node:module');
  const { join } = await own('node:path');
  const { fileURLToPath } = await own('node:url');
  // Compiled code is kept between starts, in the user's own folder: whoever could write there could run code as us.
  const home = process.env.TURNSTILE_HOME || (process.env.HOME ? join(process.env.HOME, '.turnstile') : null);
  if (home !== null && !process.env.NODE_DISABLE_COMPILE_CACHE && module.enableCompileCache)
    module.enableCompileCache(join(home, 'cache', 'compiled'));
  // Whatever else follows these words, it is a turn of `exec`; what only they can ask for is in the other bundle.
  const isPlainExec = args[0] === 'exec' && !args.some((word) => /^--(inspect|print-schema)/.test(word));
  const bundle = fileURLToPath(new URL('../dist/' + (isPlainExec ? 'exec' : 'turnstile') + '.cjs', import.meta.url));
  const isBuilt = !process.env.TURNSTILE_FROM_SOURCE && existsSync(bundle);
  const { main } = isBuilt ? module.createRequire(bundle)(bundle) : await import('./main.ts');
  await main();
}
