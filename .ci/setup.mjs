/**
 * The system parts that npm cannot bring. Called by `npm ci` (what running needs) and before `npm test` (what the tests
 * need besides). As root on Debian or Ubuntu it installs what is missing and says so; anywhere else it prints the exact
 * command. It never fails: what is missing is told again where it is missed. Plain JavaScript for any Node.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const forTests = process.argv.includes('--tests');
const PLACES = ['/usr/bin', '/bin', '/usr/local/bin', '/usr/sbin', '/run/current-system/sw/bin'];
const PARTS = [
  { program: 'bwrap', package: 'bubblewrap', why: 'the sandbox in which commands run', tests: false },
  { program: 'tmux', package: 'tmux', why: 'tests that use the chat on a real screen', tests: true },
  { program: 'pg_ctlcluster', package: 'postgresql', why: 'tests of sessions that many machines share', tests: true },
  { program: 'chromium', package: 'chromium', why: 'tests of the inspector in a real browser', tests: true },
];

const isRunnable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
const has = (program) => PLACES.some((place) => isRunnable(`${place}/${program}`));
const run = (...args) =>
  execFileSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });

/** `npx turnstile` inside the checkout: npm links the commands of dependencies, but not our own. */
const linkCommand = () => {
  const bin = fileURLToPath(new URL('../node_modules/.bin/', import.meta.url));
  if (!existsSync(bin)) return;
  const link = `${bin}turnstile`;
  const target = '../../cli/turnstile.mjs';
  try {
    if (readlinkSync(link) === target) return;
    rmSync(link, { force: true });
  } catch {
    // not there yet
  }
  try {
    symlinkSync(target, link);
  } catch (error) {
    console.log(
      `turnstile: npx turnstile will not find the command: ${error instanceof Error ? error.message : error}`,
    );
  }
};

const installMissing = () => {
  const missing = PARTS.filter((part) => (forTests || !part.tests) && !has(part.program));
  if (missing.length === 0) return;
  const names = missing.map((part) => part.package);
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`;
  const isRoot = process.getuid?.() === 0;
  if (process.platform !== 'linux') {
    if (process.platform !== 'darwin') console.log(`turnstile: no sandbox is known for ${process.platform}`);
    return;
  }
  if (!isRoot || !has('apt-get')) {
    for (const part of missing) console.log(`turnstile: ${part.program} is missing (${part.why})`);
    console.log(`turnstile: install it with: ${isRoot ? '' : 'sudo '}${command}`);
    return;
  }
  for (const part of missing) console.log(`turnstile: installing ${part.package} (${part.why})`);
  try {
    try {
      run('install', '-y', '--no-install-recommends', ...names);
    } catch {
      run('update');
      run('install', '-y', '--no-install-recommends', ...names);
    }
  } catch (error) {
    console.log(
      `turnstile: that failed (${error instanceof Error ? error.message.split('\n')[0] : error}); try: ${command}`,
    );
  }
};

if (process.platform !== 'win32') linkCommand();
installMissing();
