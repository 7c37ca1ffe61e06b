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
      '; `npx -p node@24 -p turnstile turnstile` brings its own, and so does `npm ci` in a checkout.\n',
  );
  process.exitCode = 2;
} else {
  const fs = await own('node:fs');
  const { join } = await own('node:path');
  const { fileURLToPath } = await own('node:url');
  // Whatever else follows these words, it is a turn of `exec`; what only they can ask for is in the other bundle.
  const isPlainExec = args[0] === 'exec' && !args.some((word) => /^--(inspect|print-schema)/.test(word));
  const bundle = fileURLToPath(new URL('../dist/' + (isPlainExec ? 'exec' : 'turnstile') + '.cjs', import.meta.url));
  const isBuilt = !process.env.TURNSTILE_FROM_SOURCE && fs.existsSync(bundle);
  // Compiled code is kept between starts, in the user's own folder: whoever could write there could run code as us.
  const home = process.env.TURNSTILE_HOME || (process.env.HOME ? join(process.env.HOME, '.turnstile') : null);
  const kept = home === null || process.env.NODE_DISABLE_COMPILE_CACHE ? null : join(home, 'cache', 'compiled');
  const module = await own('node:module');
  if (kept !== null && module.enableCompileCache) module.enableCompileCache(kept);
  const { main } = isBuilt ? await load(bundle, kept) : await import('./main.ts');
  await main();
}

/**
 * Runs a bundle with the functions that earlier runs compiled. Node's own cache has those that are compiled while a file
 * is loaded; most are compiled when they are first called, which would be done again in each process.
 *
 * What is kept: a hash of all that follows, how many of Node's own parts had been loaded (whoever loads more has used more
 * of the program, and keeps it anew), and the code. V8 refuses it if it is another V8, or runs with other flags.
 */
async function load(bundle, folder) {
  const fs = await own('node:fs');
  const vm = await own('node:vm');
  const { hash } = await own('node:crypto');
  const { createRequire } = await own('node:module');
  const { basename, dirname, join } = await own('node:path');
  const HASH_BYTES = 32;
  const HEAD_BYTES = HASH_BYTES + 4;
  const KEPT_UNUSED_MS = 30 * 24 * 3600 * 1000;
  const hashOf = (bytes) => hash('sha256', bytes, 'buffer');

  const text = fs.readFileSync(bundle);
  const name = basename(bundle, '.cjs') + '-';
  const key = hashOf(text).toString('hex').slice(0, 16) + '-' + process.version + '-' + process.arch;
  const file = folder === null ? null : join(folder, name + key);
  const read = () => {
    try {
      const bytes = fs.readFileSync(file);
      return hashOf(bytes.subarray(HASH_BYTES)).equals(bytes.subarray(0, HASH_BYTES)) ? bytes : null;
    } catch {
      return null;
    }
  };
  const known = file === null ? null : read();
  const script = new vm.Script(
    '(function(exports,require,module,__filename,__dirname){' + text.latin1Slice() + '\n})',
    {
      filename: bundle,
      cachedData: known === null ? undefined : known.subarray(HEAD_BYTES),
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    },
  );
  const parts = known === null || script.cachedDataRejected ? -1 : known.readUInt32LE(HASH_BYTES);
  const loaded = () => (process.moduleLoadList ? process.moduleLoadList.length : 0);

  const keep = () => {
    if (file === null || loaded() <= parts) return;
    try {
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const other of fs.readdirSync(folder)) {
        const path = join(folder, other);
        if (other.startsWith(name) && Date.now() - fs.statSync(path).mtimeMs > KEPT_UNUSED_MS) fs.rmSync(path);
      }
      const count = Buffer.alloc(HEAD_BYTES - HASH_BYTES);
      count.writeUInt32LE(loaded());
      const rest = Buffer.concat([count, script.createCachedData()]);
      const unfinished = file + '.' + process.pid;
      fs.writeFileSync(unfinished, Buffer.concat([hashOf(rest), rest]), { mode: 0o600 });
      fs.renameSync(unfinished, file);
    } catch {
      // a cache; the next run tries again
    }
  };
  process.once('exit', keep);
  const made = { exports: {} };
  script.runInThisContext()(made.exports, createRequire(bundle), made, bundle, dirname(bundle));
  return made.exports;
}
