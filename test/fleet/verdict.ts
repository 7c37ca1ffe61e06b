/** What must hold of every session of a fleet, whatever happened to it; read from the log itself. Problems, in words. */
import { decodeJournal } from '../../actors/journal/reader.ts';

export interface Evidence {
  readonly id: string;
  readonly lines: readonly string[];
  /** Ops that a client was told are kept. */
  readonly kept: readonly string[];
  /** What the commands wrote, once a run: the id of their op. */
  readonly ran: readonly string[];
  /** Positions of the facts that a client saw, in order. */
  readonly seen: readonly number[];
}

const twice = (words: readonly string[]): readonly string[] => words.filter((word, at) => words.indexOf(word) !== at);

export const problemsOf = ({ id, lines, kept, ran, seen }: Evidence): readonly string[] => {
  const { head, records, notices } = decodeJournal(Buffer.from(`${lines.join('\n')}\n`));
  const problems: string[] = [];
  const say = (words: string) => problems.push(`${id}: ${words}`);
  if (head === null) say('it has no head');
  for (const notice of notices) say(`the log is not whole: ${JSON.stringify(notice)}`);
  const facts = records.flatMap((record) => (record.kind === 'fact' ? [{ seq: record.seq, ...record.fact }] : []));
  const heard = records.flatMap((record) => {
    const event = record.kind === 'input' && record.to === 'session' && record.from === 'user' ? record.event : null;
    return event !== null && event.type.startsWith('op.') && 'id' in event ? [String(event['id'])] : [];
  });
  for (const op of twice(heard)) say(`the op ${op} was heard twice`);
  for (const op of kept) if (!heard.includes(op)) say(`the op ${op} was kept and never heard`);
  const answered = facts.flatMap((fact) =>
    fact.type === 'op.accepted' || fact.type === 'op.refused' ? [fact.opId] : [],
  );
  for (const op of twice(answered)) say(`the op ${op} was answered twice`);
  for (const op of twice(ran)) say(`the command of ${op} ran twice`);

  const started = facts.flatMap((fact) => (fact.type === 'turn.started' ? [fact.turnId] : []));
  const ended = facts.flatMap((fact) =>
    fact.type === 'turn.completed' || fact.type === 'turn.failed' || fact.type === 'turn.aborted' ? [fact.turnId] : [],
  );
  for (const turn of started) if (ended.filter((other) => other === turn).length !== 1) say(`${turn} has not one end`);
  if (ended.length !== started.length) say(`${started.length} turns began, ${ended.length} ended`);
  const items = facts.flatMap((fact) => (fact.type === 'items.recorded' ? fact.items : []));
  const calls = items.flatMap((item) => (item.type === 'call' ? [item.callId] : []));
  const results = items.flatMap((item) => (item.type === 'result' ? [item.callId] : []));
  for (const call of calls)
    if (results.filter((other) => other === call).length !== 1) say(`${call} has not one output`);

  const told = facts.map(({ seq }) => seq).filter((seq) => seq <= (seen.at(-1) ?? -1));
  if (JSON.stringify(told) !== JSON.stringify(seen))
    say(`a client saw other facts than were written: ${seen.join(' ')}`);
  return problems;
};

/** A worker that was lost, and when. */
export interface Loss {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How long a session that a lost worker had was nobody's. Milliseconds. */
export const takeOversIn = (lines: readonly string[], losses: readonly Loss[]): readonly number[] => {
  const { records } = decodeJournal(Buffer.from(`${lines.join('\n')}\n`));
  const lives = records.flatMap((record) => (record.kind === 'opened' ? [record] : []));
  return lives.flatMap(({ pid, t }, n) => {
    const next = lives[n + 1];
    const loss = losses.find((one) => one.pid === pid && one.at >= t && next !== undefined && one.at <= next.t);
    return loss === undefined || next === undefined ? [] : [next.t - loss.at];
  });
};
