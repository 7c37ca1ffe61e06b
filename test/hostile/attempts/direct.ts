/**
 * What a command can try where nothing confines it: not to be ended, or to leave somebody behind. Nothing else is held there, so
 * nothing else is tried. All that may be left sleeps for `$SECONDS_`, a time that is nobody else's.
 */
import type { Attempt } from '../attempt.ts';

const endless = (name: string, script: string): Attempt => ({ name, script, timeoutMs: 1_500 });
const leaves = (name: string, script: string): Attempt => ({ name, script });

export const direct: readonly Attempt[] = [
  endless('sleeps', 'sleep $SECONDS_'),
  endless('ignores signals', "trap '' TERM INT HUP QUIT; while :; do sleep $SECONDS_; done"),
  endless('stops itself', 'sleep $SECONDS_ & kill -STOP $$'),
  endless('stops its children', 'sleep $SECONDS_ & kill -STOP $!; wait'),
  endless('prints without end', 'sleep $SECONDS_ & yes'),
  endless('prints one line without end', 'sleep $SECONDS_ & tr "\\0" x < /dev/zero'),
  endless('holds the terminal', 'setsid sleep $SECONDS_ & wait'),
  endless(
    'starts many that ignore everything',
    "for i in $(seq 40); do (trap '' TERM; exec setsid sleep $SECONDS_) & done; wait",
  ),
  endless('starts another one whenever one ends', 'while :; do setsid sleep $SECONDS_ & sleep 0.05; done'),
  leaves('leaves a daemon', 'setsid sleep $SECONDS_ >/dev/null 2>&1 </dev/null & disown; true'),
  leaves(
    'leaves one that forked twice',
    '(setsid sh -c "sleep $SECONDS_ & sleep $SECONDS_ &" >/dev/null 2>&1 </dev/null &); true',
  ),
  leaves('leaves one that holds the output', 'sleep $SECONDS_ & true'),
  leaves('leaves one that is stopped', 'setsid sleep $SECONDS_ & kill -STOP $!; true'),
  leaves('leaves one and fails', 'setsid sleep $SECONDS_ & exit 3'),
  leaves('leaves one and dies', 'setsid sleep $SECONDS_ & kill -9 $$'),
  leaves('leaves one that has forgotten the environment', 'env -i setsid sleep $SECONDS_ & true'),
];

/** What is not held without a namespace, and why; docs/sandbox.md says the same. */
export const NOT_BY_DIRECT: Readonly<Record<string, string>> = {
  'leaves one that has forgotten the environment':
    'whoever leaves the session, gives up the environment and outlives its parent at once is like any other process',
};
