/**
 * Ends what we started when we are killed and cannot. One small shell per runtime, in a session of its own, that reads
 * from us: the end of that pipe means that we died. Then it kills the process groups it was told of, and everybody who
 * carries our mark, until it finds nobody; and ends. While we live it sleeps.
 */
import { spawn, type ChildProcess } from 'node:child_process';

const SCRIPT = `
trap '' TERM INT HUP QUIT PIPE
mark=$1
groups=' '
while read -r word group; do
  case $word in
  began) groups="$groups$group " ;;
  ended) case $groups in *" $group "*) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;; esac ;;
  done) exit 0 ;;
  esac
done
round=0
while [ $round -lt 15 ]; do
  found=
  for group in $groups; do kill -KILL "-$group" && found=1; done
  for file in $(grep -lsF "$mark" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -KILL "\${pid%/environ}" && found=1
  done
  [ -z "$found" ] && exit 0
  round=$((round + 1))
  sleep 0.1
done
`;

/** Somebody ends it, again and again: then we give in, until the next command. */
const MAX_LOSSES = 5;

export interface Guardian {
  /** Starts it, if it does not run. */
  wake(): void;
  /** Call before anybody else could; the function says that the group is gone. */
  watch(leader: number): () => void;
  /** We end in good order, and leave nobody behind. */
  dismiss(): void;
}

/** `mark`: what everybody we start has in the environment. */
export const createGuardian = (mark: string): Guardian => {
  let guardian: ChildProcess | null = null;
  let losses = 0;
  const watched = new Set<number>();

  const tell = (words: string) => void guardian?.stdin?.write(`${words}\n`);
  const wake = () => {
    if (guardian !== null || process.platform === 'win32') return;
    const started = spawn('/bin/sh', ['-c', SCRIPT, 'turnstile-guardian', mark], {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    guardian = started;
    const lose = () => {
      if (guardian === started) guardian = null;
    };
    started.stdin.on('error', lose); // no shell, or it is gone: the exit is on its way
    started.once('error', lose).once('exit', () => {
      lose();
      if (watched.size > 0 && ++losses <= MAX_LOSSES) wake();
    });
    started.unref();
    if ('unref' in started.stdin && typeof started.stdin.unref === 'function') started.stdin.unref();
    for (const leader of watched) tell(`began ${leader}`);
  };
  return {
    wake,
    watch: (leader) => {
      wake(); // a new one is told of all that are watched
      watched.add(leader);
      tell(`began ${leader}`);
      return () => {
        watched.delete(leader);
        tell(`ended ${leader}`);
      };
    },
    dismiss: () => {
      tell('done');
      guardian?.stdin?.end();
    },
  };
};
