/** A journal as a story for the inspector: its inputs are fed to the machines again, and these are watched. */
import { existsSync } from 'node:fs';
import { fold } from '../actors/journal/fold.ts';
import { blobsOf, readJournal, type Reading } from '../actors/journal/reader.ts';
import { inWords } from '../actors/journal/notice.ts';
import { replay } from '../actors/replay/replay.ts';
import { wire } from '../actors/wiring.ts';
import type { Chart } from '../inspector/charts.ts';
import { brokenIn, messagesIn } from '../inspector/marks.ts';
import { storyOf, type Heard, type Story } from '../inspector/story.ts';
import { createTracer } from '../inspector/tracer.ts';
import { charts } from './charts.ts';
import { importedStory } from './import-stately.ts';

export interface Told {
  readonly story: Story;
  readonly notices: readonly string[];
}

const SHRUNK = '.jsonl';
const FIRST = '.first.jsonl';

/** A broken promise is written twice: as chance first told it, and made shorter. Whoever opens one sees both. */
const siblingOf = (file: string): string | null => {
  const sibling = file.endsWith(FIRST) ? file.slice(0, -FIRST.length) + SHRUNK : file.slice(0, -SHRUNK.length) + FIRST;
  return file.endsWith(SHRUNK) && existsSync(sibling) ? sibling : null;
};

const told = ({ head, records }: Reading, file: string, charts: readonly Chart[]): Story => {
  const tracer = createTracer();
  const heard: Heard[] = [];
  const verdict = replay(
    { head, records },
    {
      inspect: tracer.inspect,
      chart: (leaves, deeds) => tracer.instrument(wire(leaves, deeds)),
      onInput: (record) => heard.push({ seq: record?.seq ?? null, at: tracer.seen.length }),
    },
  );
  const trace = { seen: tracer.seen, actors: tracer.actors, heard };
  const story = storyOf({ title: head?.id ?? file, head: head ?? {}, records, verdict, charts, trace });
  const broken = brokenIn(story);
  const messages = messagesIn(story.rows, fold(head, records).history);
  return { ...story, messages, ...(broken === null ? {} : { broken }) };
};

/** The drawings stay the same for as long as the program runs; whoever asks again hands them back. */
export const storyIn = async (home: string, file: string, drawn?: readonly Chart[]): Promise<Told> => {
  const imported = importedStory(file);
  if (imported !== null) return { story: imported, notices: [] };
  const read = (path: string): Reading => readJournal(path, { blobs: blobsOf(home) });
  const reading = read(file);
  const story = told(reading, file, drawn ?? (await charts()));
  const notices = reading.notices.map(inWords);
  const sibling = story.broken === undefined ? null : siblingOf(file);
  if (sibling === null) return { story, notices };
  const { charts: _, ...beside } = told(read(sibling), sibling, []);
  return { story: { ...story, beside }, notices };
};
