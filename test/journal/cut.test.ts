/** A journal of a real run, cut: with what the reader makes of each byte, each prefix is one that can be gone on with. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { closeOpenTurn } from '../../actors/journal/closing.ts';
import { fold } from '../../actors/journal/fold.ts';
import { blobsOf, decodeJournal } from '../../actors/journal/reader.ts';
import { repaired } from '../../machines/history.ts';
import { newPlace } from '../cli/program.ts';
import { readingOf, recorded, TOOLS } from '../inspector/sessions.ts';

it('after every record: the history that is sent next is valid, and tells only what was recorded (R36)', async () => {
  const place = newPlace();
  const file = await recorded(place, TOOLS);
  const { head, records } = readingOf(place.home, file);
  expect(records.length).toBeGreaterThan(40);
  for (let size = 0; size <= records.length; size++) {
    const folded = fold(head, records.slice(0, size));
    const { items } = closeOpenTurn(folded);
    const history = [...folded.history, ...items];
    expect(repaired(history), `after ${size} records`).toBe(history);
    const told = JSON.stringify(records.slice(0, size));
    for (const item of folded.history) expect(told).toContain(JSON.stringify(item));
  }

  // Each byte: what is read is a prefix of the records, so it comes to one of the states above.
  const whole = readFileSync(file);
  const texts = records.map((record) => JSON.stringify(record));
  const step = process.env['TURNSTILE_DEEP'] === '1' ? 1 : 23;
  for (let size = 0; size <= whole.length; size += step) {
    const lines = whole.subarray(0, size).filter((byte) => byte === 0x0a).length;
    const read = decodeJournal(whole.subarray(0, size), { blobs: blobsOf(place.home) }).records;
    const isJustWhole = whole[size] === 0x0a; // only the end of the line is missing
    expect(read.length, `${size} bytes`).toBe(Math.max(0, lines - 1 + (isJustWhole ? 1 : 0)));
    expect(JSON.stringify(read.at(-1)), `${size} bytes`).toBe(texts[read.length - 1]);
  }

  // And the program itself, with a torn record at the end.
  const bytes = whole;
  const at = bytes.indexOf('"kind":"effect"') + 9;
  writeFileSync(file, bytes.subarray(0, at));
  const script = place.script([{ type: 'text', text: 'went on' }]);
  const { code, out, err } = await place.run(['exec', 'resume', '--last', '--rehearse', script, 'on']);
  expect({ code, out: out.trim(), err }).toMatchObject({ code: 0, out: 'went on' });
  expect(err).toMatch(/cut off/);
});
