import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { newPlace } from '../cli/program.ts';
import { journalsOf, recorded, TOOLS } from './sessions.ts';

const place = newPlace();
const journal = { file: '', id: '' };
beforeAll(async () => {
  journal.file = await recorded(place, TOOLS);
  journal.id = journal.file.slice(journal.file.lastIndexOf('/') + 21, -'.jsonl'.length);
});

describe('turnstile replay', () => {
  test('identical is 0, by id and by the beginning of one; --json says how much was compared', async () => {
    expect(await place.run(['replay', journal.id.slice(0, 8)])).toMatchObject({ code: 0, err: '' });
    const { code, out } = await place.run(['replay', journal.id, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ kind: 'identical', lives: 1 });
  });

  test('diverged is 7, with the step and both facts', async () => {
    const other = join(place.folder, 'changed.jsonl');
    writeFileSync(other, readFileSync(journal.file, 'utf8').replace('"status":"failed"', '"status":"completed"'));
    const { code, out } = await place.run(['replay', other]);
    expect(code).toBe(7);
    expect(out).toMatch(/^diverged at seq \d+: other fact$/m);
    expect(out).toMatch(/^ {2}taken {5}session\/turn\/task\/call1: .*exec\.exited/m);
    expect(out).toContain('the charts are the ones that were recorded');
  });

  test('what is not there is 2', async () => {
    expect((await place.run(['replay', 'nobody'])).code).toBe(2);
    expect((await place.run(['replay'])).code).toBe(2);
  });
});

describe('turnstile machines', () => {
  test('all of them as data, one as a drawing; a name that nobody has is 2', async () => {
    const { out } = await place.run(['machines', '--format', 'json']);
    const names = (JSON.parse(out) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['session', 'turn', 'regular', 'compact', 'call']));
    expect((await place.run(['machines', 'call', '--format', 'svg'])).out).toMatch(/^<svg .*<\/svg>\n$/s);
    expect((await place.run(['machines', 'turn'])).out).toMatch(/^stateDiagram-v2\n/);
    expect((await place.run(['machines', 'nobody'])).code).toBe(2);
  });
});

describe('turnstile inspect', () => {
  test('prints one address on stdout, serves until it is interrupted, and ends with 0', async () => {
    const running = place.start(['inspect', journal.id, '--no-open']);
    await running.said('/#');
    running.child.kill('SIGINT');
    const { code, out } = await running.ended;
    expect(code).toBe(0);
    expect(out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{32}\n$/);
  });

  test('exec --inspect serves its own session, and ends when that ends', async () => {
    const script = place.script([{ type: 'text', text: 'watched' }]);
    const { code, out, err } = await place.run(['exec', '--inspect', '--rehearse', script, 'go']);
    expect(code).toBe(0);
    expect(out).toBe('watched\n');
    expect(err).toMatch(/^inspector: http:\/\/127\.0\.0\.1:\d+\/#/m);
    expect(journalsOf(place.home).length).toBeGreaterThan(1);
  });
});
