/** A journal as a story for the inspector: its inputs are fed to the machines again, and these are watched. */
import { blobsOf, readJournal } from '../actors/journal/reader.ts';
import { inWords } from '../actors/journal/notice.ts';
import { replay } from '../actors/replay/replay.ts';
import { wire } from '../actors/wiring.ts';
import type { Chart } from '../inspector/charts.ts';
import { storyOf, type Heard, type Story } from '../inspector/story.ts';
import { createTracer } from '../inspector/tracer.ts';
import { charts } from './charts.ts';

export interface Told {
  readonly story: Story;
  readonly notices: readonly string[];
}

/** The drawings stay the same for as long as the program runs; whoever asks again hands them back. */
export const storyIn = async (home: string, file: string, drawn?: readonly Chart[]): Promise<Told> => {
  const reading = readJournal(file, { blobs: blobsOf(home) });
  const tracer = createTracer();
  const heard: Heard[] = [];
  const verdict = replay(reading, {
    inspect: tracer.inspect,
    chart: (leaves, deeds) => tracer.instrument(wire(leaves, deeds)),
    onInput: (record) => heard.push({ seq: record?.seq ?? null, at: tracer.seen.length }),
  });
  const { head, records, notices } = reading;
  const story = storyOf({
    title: head?.id ?? file,
    head: head ?? {},
    records,
    verdict,
    charts: drawn ?? (await charts()),
    trace: { seen: tracer.seen, actors: tracer.actors, heard },
  });
  return { story, notices: notices.map(inWords) };
};
