/** By variables and words that other programs obey: they may act inside, and nowhere else. */
import { writeFileSync } from 'node:fs';
import type { Attempt, Group } from '../attempt.ts';
import type { World } from '../world.ts';

/** A program that would leave its mark beside the workspace, if it ran outside. */
const plant = ({ ws, out }: World, name: string): string => {
  const path = `${ws}/${name}`;
  writeFileSync(path, `#!/bin/sh\necho x > ${out}/ran-outside\n`, { mode: 0o755 });
  return path;
};

const withEnv = (name: string, env: (world: World) => Readonly<Record<string, string>>, script = 'true'): Attempt => ({
  name,
  env,
  script,
});

export const environment: Group = {
  name: 'environment',
  modes: ['workspace-write'],
  attempts: [
    withEnv('a library is preloaded', ({ ws }) => ({
      LD_PRELOAD: `${ws}/none.so`,
      LD_AUDIT: `${ws}/none.so`,
      LD_DEBUG: 'all',
    })),
    withEnv('libraries come from the workspace', ({ ws }) => ({ LD_LIBRARY_PATH: ws, GCONV_PATH: ws, LOCPATH: ws })),
    withEnv('bash reads a file first', (world) => ({ BASH_ENV: plant(world, 'bashenv'), ENV: plant(world, 'env') })),
    withEnv('a function replaces a program', () => ({ 'BASH_FUNC_true%%': '() { echo x > $OUT/new; }' })),
    withEnv('node requires a file first', (world) => ({ NODE_OPTIONS: `--require ${plant(world, 'evil.cjs')}` })),
    withEnv(
      'a helper lies in PATH',
      (world) => (plant(world, 'bwrap'), plant(world, 'sh'), { PATH: `${world.ws}:/usr/bin:/bin` }),
    ),
    withEnv('PATH is empty', () => ({ PATH: '' }), 'echo $PATH; /bin/true'),
    withEnv(
      'temporary files go outside',
      ({ out }) => ({ TMPDIR: out }),
      'f=$(mktemp) && case $f in $OUT*) echo BREACH;; esac; rm -f $f',
    ),
    withEnv(
      'a value looks like an option',
      () => ({ X: '--bind', Y: '/\n--bind\n/\n/', '--bind': '/' }),
      'echo x > $OUT/new; true',
    ),
    withEnv('git is told where to look', ({ ws }) => ({
      GIT_DIR: `${ws}/evil`,
      GIT_CONFIG_GLOBAL: `${ws}/evil`,
      GIT_SSH_COMMAND: `${ws}/evil`,
    })),
    {
      name: 'an argument looks like an option',
      script: '',
      argv: ['/bin/echo', '--bind', '/', '/', '--', '--dev-bind', '/', '/'],
    },
    {
      name: 'the program looks like an option',
      script: '',
      argv: ['--bind', '/', '/', '/bin/sh', '-c', 'echo BREACH'],
      expect: ({ ending }) => (ending.kind === 'setupFailed' ? null : `it ended as ${ending.kind}`),
    },
    {
      name: 'the folder looks like an option',
      script: 'true',
      cwd: ({ ws }) => `${ws}/.`,
      env: () => ({ PWD: '--bind' }),
    },
  ],
};
