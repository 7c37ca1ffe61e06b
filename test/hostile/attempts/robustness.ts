/** Not attacks: what a sandbox must not break, and what must fail in the right words. */
import type { Attempt, Group } from '../attempt.ts';
import type { Ran } from '../run-spawn.ts';

const exits = (name: string, script: string, code: number): Attempt => ({
  name,
  script,
  expect: ({ ending }) =>
    ending.kind === 'exited' && ending.code === code ? null : `expected exit ${code}, got ${JSON.stringify(ending)}`,
});

const says = (name: string, script: string, text: string, more: Partial<Attempt> = {}): Attempt => ({
  name,
  script,
  ...more,
  expect: ({ output }) =>
    output.includes(text) ? null : `the output lacks ${JSON.stringify(text)}: ${output.slice(0, 300)}`,
});

const setupFails = ({ ending }: Ran): string | null =>
  ending.kind === 'setupFailed' ? null : `expected a failed set-up, got ${JSON.stringify(ending)}`;

const writes = { modes: ['workspace-write'] } satisfies Partial<Attempt>;
const LONG = 'y'.repeat(100_000);

export const robustness: Group = {
  name: 'robustness',
  attempts: [
    exits('succeeds', 'true', 0),
    exits('fails with its own code', 'exit 117', 117),
    exits('dies of a signal', 'kill -TERM $$', 143),
    exits('a program is missing', 'no-such-program', 127),
    exits('has a here-document', 'cat <<< text > /dev/null', 0),
    exits('has process substitution', 'diff <(echo a) <(echo a)', 0),
    exits('makes a temporary file', 'f=$(mktemp) && echo x > $f && rm $f', 0),
    exits('deletes its own folder', 'mkdir -p /tmp/gone && cd /tmp/gone && rmdir /tmp/gone; true', 0),
    exits(
      'uses its own loopback',
      "perl -MSocket -e 'socket(L, PF_INET, SOCK_STREAM, 0) && bind(L, sockaddr_in(0, INADDR_LOOPBACK)) && listen(L, 1) or exit 1; socket(C, PF_INET, SOCK_STREAM, 0); connect(C, getsockname(L)) or exit 2'",
      0,
    ),
    exits('makes a pair of sockets', "perl -MSocket -e 'socketpair(A, B, AF_UNIX, SOCK_STREAM, 0) or exit 1'", 0),
    exits('reads everything else', 'cat /etc/passwd $OUT/victim > /dev/null', 0),
    exits('has /dev', 'echo x > /dev/null && head -c 1 /dev/urandom > /dev/null && [ -e /dev/full ]', 0),
    exits('traces nothing, but runs threads', "perl -e 'fork // exit 1; wait'", 0),
    { ...exits('writes in the workspace', 'echo x > new && mkdir -p d/e && mv new d/e && rm -r d', 0), ...writes },
    {
      ...exits('sets modes in the workspace', 'touch m && chmod 755 m && touch -d 2001-01-01 m && rm m', 0),
      ...writes,
    },
    { ...exits('keeps /tmp for the session', 'echo x > /tmp/kept-1 && rm /tmp/kept-1', 0), ...writes },
    says('prints both streams', 'echo one; echo two >&2', 'two'),
    says('prints bytes that are no text', 'printf "a\\0b\\377c"', 'a\0b'),
    says('takes unusual words', '', 'ü “x” \n$y', { argv: ['/bin/echo', 'ü “x” \n$y', '', '*'] }),
    says('takes long words', '', LONG, { argv: ['/bin/echo', LONG] }),
    says('takes many words', '', 'w1999', {
      argv: ['/bin/echo', ...Array.from({ length: 2_000 }, (_, index) => `w${index}`)],
    }),
    says('reads its input', 'cat', 'from outside', { input: 'from outside\n' }),
    says('has no input unless given', 'cat; echo done', 'done'),
    says('has exactly its environment', 'env -u PWD -u SHLVL -u _ | grep -c =', '13\n'),
    says('has long values', 'echo ${#LONG}', '100000', { env: () => ({ LONG }) }),
    says('has values with lines', 'printf "%s" "$LINES_"', 'a\nb', { env: () => ({ LINES_: 'a\nb' }) }),
    { name: 'the folder is missing', script: 'true', cwd: ({ ws }) => `${ws}/none`, expect: setupFails },
    { name: 'the program is missing', script: '', argv: ['/no/such/program'], expect: setupFails },
    { name: 'the program is no program', script: '', argv: ['/etc/passwd'], expect: setupFails },
  ],
};
