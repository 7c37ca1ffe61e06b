/**
 * Races by the hundred, live: an interrupt at any moment of a short turn, and a user who does anything at any time. The
 * server and the commands are real, so every run is another; a failing run prints what was asked, when, and its seed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isTurnEnding } from '../../machines/protocol/index.ts';
import type { Turn } from '../model-server/scenario.ts';
import { judge, judgeWords } from './judge.ts';
import { follow, newLive, say, shell, type Followed } from './stage.ts';

/** Many by `npm run test:deep`; few in every run, since each takes real time. */
const isDeep = process.env['TURNSTILE_DEEP'] === '1';
const RACES = Number(process.env['TURNSTILE_RACES'] ?? (isDeep ? 400 : 60));
const RANDOM_TALKS = Number(process.env['TURNSTILE_TALKS'] ?? (isDeep ? 200 : 30));
const SEED = Number(process.env['TURNSTILE_SEED'] ?? Date.now() % 1_000_000);

/** Mulberry32: the same seed, the same choices. */
const randomOf = (seed: number) => {
  const state = { at: seed };
  return () => {
    state.at = (state.at + 0x6d2b79f5) | 0;
    let t = Math.imul(state.at ^ (state.at >>> 15), 1 | state.at);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};
/** Some work of the event loop between two things: a few turns of it, or some milliseconds. */
const pause = async (random: () => number, longestMs: number): Promise<void> => {
  const kind = random();
  if (kind < 0.4) for (let n = Math.floor(random() * 12); n > 0; n--) await new Promise(setImmediate);
  else await new Promise((resolve) => setTimeout(resolve, random() * longestMs));
};

const stage = { on: null as Awaited<ReturnType<typeof newLive>> | null };
beforeAll(async () => {
  stage.on = await newLive({ turns: [say('hi')], flags: { ephemeral: true } });
});
afterAll(() => stage.on?.close());
const here = () => stage.on!;

const closed = async (on: Followed, explain: () => string): Promise<void> => {
  await on.session.close();
  try {
    judge(on);
    expect(on.told.at(-1)?.type).toBe('session.closed');
  } catch (error) {
    throw new Error(`${String(error)}\n${explain()}\n${on.told.map(({ type }) => type).join(' ')}`);
  }
};

describe(`an interrupt that races the end (A.5.2, R3; seed ${SEED})`, () => {
  it(`${RACES} times: one ending each, and the next turn is its own`, async () => {
    const random = randomOf(SEED);
    const { server, runtime } = here();
    const seen = new Set<string>();
    for (let run = 0; run < RACES; run++) {
      server.load({ turns: [run % 4 === 0 ? shell('true') : say('hi there'), say('bye')] });
      const on = follow(await runtime.open());
      await on.say('go');
      const longestMs = run % 4 === 0 ? 60 : 12;
      await pause(random, longestMs);
      const reply = await on.interrupt();
      const first = await on.ended();
      seen.add(`${reply.kind} ${first.type}`);
      if (reply.kind === 'refused' && first.type !== 'turn.completed')
        throw new Error(`run ${run}: refused, and yet ${first.type}`);
      await on.say('again');
      expect(await on.ended(1)).toMatchObject({ type: 'turn.completed' });
      await closed(on, () => `run ${run}, seed ${SEED}`);
    }
    // Both sides of the race were seen, else the moments are badly chosen.
    expect([...seen]).toEqual(expect.arrayContaining(['accepted turn.aborted', 'refused turn.completed']));
  }, 600_000);
});

const TURNS: readonly Turn[] = [
  say('short'),
  { items: [{ type: 'text', deltas: 30, delta: 'w ', gap_ms: 1 }] },
  shell('echo a'),
  shell('echo a', 'echo b'),
  { items: [{ type: 'text', text: 'half' }, { type: 'disconnect' }] },
  { items: [{ type: 'http', status: 500 }] },
  { items: [{ type: 'http', status: 400 }] },
  { items: [{ type: 'fail', code: 'context_length_exceeded' }] },
];

describe(`somebody who does anything at any time (R3, R8, R9; seed ${SEED})`, () => {
  it(`${RANDOM_TALKS} talks: no word is lost or said twice, every op has one reply, every turn one ending`, async () => {
    const random = randomOf(SEED + 1);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const { server, runtime } = here();
    for (let talk = 0; talk < RANDOM_TALKS; talk++) {
      server.load({ turns: Array.from({ length: 12 }, () => pick(TURNS)).concat(say('end')) });
      const on = follow(await runtime.open());
      const asked: string[] = [];
      const accepted: string[] = [];
      const replies: Promise<unknown>[] = [];
      const turnNow = () => on.session.view().turnId ?? 'turn-0';
      const acts = [
        () => on.submit({ type: 'op.say', text: 'say' }, `w${asked.length}`),
        () => on.submit({ type: 'op.say', text: 'say' }, `w${asked.length}`),
        () => on.submit({ type: 'op.queue', text: 'queue' }, `w${asked.length}`),
        () => on.submit({ type: 'op.steer', text: 'steer', turnId: turnNow() }, `w${asked.length}`),
        () => on.submit({ type: 'op.steer', text: 'now', turnId: turnNow(), policy: 'preempt' }, `w${asked.length}`),
        () => on.submit({ type: 'op.interrupt' }, `x${asked.length}`),
        () => on.submit({ type: 'op.compact' }, `x${asked.length}`),
        () => on.submit({ type: 'op.shell', command: 'echo mine' }, `x${asked.length}`),
      ];
      for (let n = 3 + Math.floor(random() * 7); n > 0; n--) {
        const act = pick(acts);
        const reply = act();
        const at = asked.push(`${acts.indexOf(act)}`) - 1;
        replies.push(
          reply.then(({ kind, opId }) => void (kind === 'accepted' && opId === `w${at}` && accepted.push(opId))),
        );
        await pause(random, 8);
      }
      await Promise.all(replies);
      const { state } = on.session.view();
      if (random() < 0.5 && (state === 'busy' || state === 'aborting')) await on.until((event) => isTurnEnding(event));
      const explain = () => `talk ${talk}, seed ${SEED}: ${asked.join(' ')}`;
      await closed(on, explain);
      try {
        judgeWords(on.told, accepted);
      } catch (error) {
        throw new Error(`${String(error)}\n${explain()}\n${on.told.map(({ type }) => type).join(' ')}`);
      }
      const answered = on.told.filter(({ type }) => type === 'op.accepted' || type === 'op.refused').length;
      expect(answered - 1, explain()).toBe(asked.length);
    }
  }, 600_000);
});
