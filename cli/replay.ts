/** `turnstile replay ID|FILE`: the recorded inputs once more, every fact compared. 0 identical, 7 diverged, 2 cannot. */
import { blobsOf, readJournal } from '../actors/journal/reader.ts';
import { inWords } from '../actors/journal/notice.ts';
import { replay, type Divergence } from '../actors/replay/replay.ts';
import { homeOf } from './config.ts';
import { EXIT } from './exit-code.ts';
import { UsageError, type Mode } from './mode.ts';
import { oneLine } from './render/strip.ts';
import { sessionNamed } from './saved.ts';

/** Characters of a value that a person is shown; --json has all of it. */
const SHOWN_CHARS = 2_000;

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return oneLine(text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}… (--json shows all)` : text);
};

const told = ({ seq, what, recorded, replayed, input, taken, otherVersions }: Divergence): readonly string[] => [
  `diverged at seq ${seq}: ${what}`,
  `  recorded  ${shown(recorded)}`,
  `  replayed  ${shown(replayed)}`,
  input === null
    ? '  before any input'
    : `  after     seq ${input.seq}: ${oneLine(input.event.type)} from ${oneLine(input.from)} to ${oneLine(input.to)}`,
  ...taken.flatMap(({ actor, event, transitions, before, state }) =>
    transitions.map(
      ({ from, to, guard }) =>
        `  taken     ${actor}: ${from} —${event}${guard === null ? '' : ` [${guard}]`}→ ${to.join(', ') || '(stays)'}, was ${shown(before)}, now ${shown(state)}`,
    ),
  ),
  otherVersions.length === 0
    ? '  the charts are the ones that were recorded'
    : `  other version: the charts of ${otherVersions.join(', ')} are not the ones that were recorded`,
];

export const run: Mode = async ({ flags, operands: [word] }, { env, cwd, streams }) => {
  if (word === undefined) throw new UsageError('replay needs the id of a session, or a file');
  const home = homeOf(env, cwd);
  const file = sessionNamed(home, cwd, word);
  const reading = readJournal(file, { blobs: blobsOf(home) });
  for (const notice of reading.notices) streams.err(`${oneLine(inWords(notice))}\n`);
  const replayed = replay(reading);
  if (flags.json) streams.out(`${JSON.stringify({ file, ...replayed })}\n`);
  switch (replayed.kind) {
    case 'unreplayable':
      throw new UsageError(`${file} cannot be replayed: ${replayed.why}`);
    case 'diverged':
      if (!flags.json) for (const line of told(replayed.divergence)) streams.out(`${line}\n`);
      return EXIT.diverged;
    case 'identical':
      if (!flags.json)
        streams.out(`identical: ${replayed.inputs} inputs, ${replayed.facts} facts, ${replayed.lives} process lives\n`);
      return EXIT.done;
  }
};
