/**
 * kill -9 at a random moment of a session, and what the next process makes of it. A verdict is a list of broken promises.
 * `node test/journal/kills.ts [COUNT] [SEED]` prints one line a life.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom, ReplaySubject } from 'rxjs';
import type { RuntimeConfig } from '../../actors/contract.ts';
import { fold } from '../../actors/journal/fold.ts';
import { blobsOf, readJournal } from '../../actors/journal/reader.ts';
import { replay } from '../../actors/replay/replay.ts';
import { createRuntime } from '../../actors/runtime.ts';
import { resolveConfig } from '../../cli/config.ts';
import type { Delta, RuntimeEvent, Stamped } from '../../machines/protocol/index.ts';

/** A life is killed at the latest so long after it opened its session. Milliseconds. */
const LONGEST_LIFE_MS = 2_500;
const TURNS = 40;

export const killConfig = async (folder: string, rehearse: string): Promise<RuntimeConfig> => {
  const env = { PATH: process.env['PATH'], HOME: folder, TURNSTILE_HOME: join(folder, 'home') };
  const flags = { rehearse, sandbox: 'workspace-write', approval: 'untrusted' } as const;
  return (await resolveConfig({ flags, env, cwd: folder, version: '0.0.0', isAttended: true })).runtime;
};

const scriptOf = (name: string): string =>
  JSON.stringify({
    turns: Array.from({ length: TURNS }, (_, n) => [
      { items: [{ type: 'shell', command: `echo ${name}-${n} >> ran; sleep 0.05` }] },
      { items: [{ type: 'text', text: `did ${n}` }] },
    ]).flat(),
  });

const linesIn = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
const twice = (names: readonly string[]): readonly string[] => names.filter((name, at) => names.indexOf(name) !== at);

const broken = (folder: string, file: string): readonly string[] => {
  const home = join(folder, 'home');
  const reading = readJournal(file, { blobs: blobsOf(home) });
  const { history, facts, queued, openTurn, effectsInFlight } = fold(reading.head, reading.records);
  const kept = new Set(
    facts.flatMap(({ fact }) => {
      if (fact.type === 'input.returned') return [fact.inputId];
      if (fact.type !== 'items.recorded') return [];
      return fact.items.flatMap((item) => (item.type === 'user' && item.inputId !== undefined ? [item.inputId] : []));
    }),
  );
  const named = (type: RegExp) =>
    facts.flatMap(({ fact }) => (type.test(fact.type) && 'turnId' in fact ? [fact.turnId] : []));
  const idsOf = (type: string) =>
    history.flatMap((item) => (item.type === type && 'callId' in item ? [item.callId] : []));
  const ends = named(/^turn\.(completed|failed|aborted)$/);
  const verdict = replay(reading);
  return [
    ...twice(linesIn(join(folder, 'ran'))).map((line) => `${line} ran twice`),
    ...linesIn(join(folder, 'accepted')).flatMap((id) => (kept.has(id) ? [] : [`${id} was accepted and is nowhere`])),
    ...queued.map(({ inputId }) => `${inputId} is still owed`),
    ...(idsOf('call').toSorted().join() === idsOf('result').toSorted().join() ? [] : ['calls and results differ']),
    ...(named(/^turn\.started$/)
      .toSorted()
      .join() === ends.toSorted().join()
      ? []
      : ['turns and terminals differ']),
    ...(openTurn === null ? [] : ['a turn is open']),
    ...effectsInFlight.map(({ id }) => `effect ${id} has no end`),
    ...(verdict.kind === 'identical' ? [] : [`replay: ${JSON.stringify(verdict).slice(0, 600)}`]),
  ];
};

/** What the life that was killed left for the next one. */
const leftIn = (folder: string, file: string) => {
  const { head, records } = readJournal(file, { blobs: blobsOf(join(folder, 'home')) });
  const { queued, questions } = fold(head, records);
  return { words: queued.filter(({ turnId }) => turnId === null).length, questions: questions.length };
};

/** Longest time that the life after is given to run what came back. Milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * The life after: says yes to what is asked again, says something, and lives until nothing waits any more. What it says it
 * did not do is told.
 */
const goOn = async (folder: string, script: string, file: string): Promise<readonly string[]> => {
  await using runtime = createRuntime(await killConfig(folder, script));
  const session = await runtime.open({ resume: { file } });
  const events = new ReplaySubject<Stamped<RuntimeEvent | Delta>>();
  session.events.subscribe(events);
  const problems: string[] = [];
  events.subscribe((event) => {
    if (event.type !== 'approval.requested') return;
    const { approvalId, question } = event;
    const answer = { type: 'op.decide', id: `yes-${approvalId}`, approvalId, planHash: question.planHash } as const;
    void session.submit({ ...answer, decision: { kind: 'approve' } });
  });
  await firstValueFrom(events.pipe(filter(({ type }) => type === 'session.configured')));
  const waited = session.view().queued.map(({ inputId }) => inputId);
  const isIdle = () => session.view().state === 'idle';
  if (isIdle()) await session.submit({ type: 'op.say', id: 'after', text: 'go on' });
  const isDone = () => isIdle() && session.view().queued.length === 0;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, 'late').unref());
  const done = new Promise((resolve) => {
    events.subscribe(() => setImmediate(() => isDone() && resolve('done')));
  });
  if ((await Promise.race([done, late])) === 'late') problems.push('what came back did not come to an end');
  await session.close();
  const facts = events.pipe(filter((event) => event.type === 'items.recorded'));
  const read: string[] = [];
  facts.subscribe(({ items }) => {
    for (const item of items) if (item.type === 'user' && item.inputId !== undefined) read.push(item.inputId);
  });
  const ran = read.filter((id) => waited.includes(id));
  if (ran.join() !== waited.join()) problems.push(`waited: ${waited.join()}; read: ${ran.join()}`);
  return problems;
};

/** One life, killed after `afterMs`, and the one after it. What it left is taken away unless a promise was broken. */
export const killOnce = async (afterMs: number, root: string = tmpdir()) => {
  const folder = mkdtempSync(join(root, 'turnstile-kill-'));
  mkdirSync(join(folder, 'home'));
  const script = join(folder, 'script.json');
  const again = join(folder, 'again.json');
  writeFileSync(script, scriptOf('run'));
  writeFileSync(again, scriptOf('again'));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'kill.process.ts'), folder, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const words = await new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve));
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill('SIGKILL');
  await ended;
  const file = words.trim().slice('open '.length);
  const before = linesIn(join(folder, 'ran')).length;
  const left = existsSync(file) ? leftIn(folder, file) : { words: 0, questions: 0 };
  const wrong = existsSync(file) ? await goOn(folder, again, file) : [];
  const problems = existsSync(file) ? [...wrong, ...broken(folder, file)] : linesIn(join(folder, 'accepted'));
  if (problems.length === 0) rmSync(folder, { recursive: true, force: true });
  return { folder, afterMs, ran: before, left, problems };
};

/** Moments from a seed, so that a run can be repeated as far as time can. */
export const momentsOf = (count: number, seed: number): readonly number[] => {
  const moments: number[] = [];
  for (let n = 0, state = seed >>> 0; n < count; n++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    moments.push(Math.floor((state / 2 ** 32) * LONGEST_LIFE_MS));
  }
  return moments;
};

if (process.argv[1] === import.meta.filename) {
  const [count = '200', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
  console.log(`seed ${seed}`);
  let [bad, words, questions] = [0, 0, 0];
  for (const afterMs of momentsOf(Number(count), Number(seed))) {
    const { ran, problems, folder, left } = await killOnce(afterMs);
    if (problems.length > 0) bad += 1;
    words += left.words;
    questions += left.questions;
    console.log(
      `${afterMs} ms: ${ran} commands ran; ${problems.length === 0 ? 'kept' : `${folder} ${problems.join('; ')}`}`,
    );
  }
  console.log(`${count} kills, ${bad} with a broken promise; ${words} words and ${questions} questions came back`);
  process.exit(bad === 0 ? 0 : 1);
}
