/** Where the story comes from: the page itself, or the server that sent it, which may be lost and found again. */
import type { Possible } from '../acts.ts';
import type { Answer, News } from '../server.ts';
import type { Story } from '../story.ts';
import { cursor, isFollowing, link, may, possible, rows, story, trouble } from './store.ts';

/** Pauses before the server is looked for again, in milliseconds; after the last it is given up. */
const PAUSES_MS = [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000];

const inflate = async (base64: string): Promise<string> => {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).text();
};

const take = (next: Story): void => {
  story.value = next;
  if (isFollowing.value) cursor.value = next.rows.length - 1;
};

/** Kept in memory only: a reload needs a new address from the terminal. */
const access = { bearer: '' };

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(path, {
    ...init,
    cache: 'no-store',
    headers: { ...init.headers, authorization: `Bearer ${access.bearer}` },
  });
const post = (path: string, body: unknown): Promise<Response> =>
  ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function* lines(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
    if (done) return;
    const parts = (rest + value).split('\n');
    rest = parts.pop() ?? '';
    yield* parts.filter((line) => line !== '');
  }
}

/** What the session would take now; asked anew whenever something happened. */
const askPossible = async (): Promise<void> => {
  if (!may.value.act) return;
  const answered = await ask('/api/possible');
  if (answered.ok) possible.value = (await answered.json()) as readonly Possible[];
};

/** Everything before the last input stays as it is; from there on it is asked for, so that nothing is missed. */
const since = (): number =>
  Math.max(
    0,
    rows.value.findLastIndex(({ kind }) => kind === 'input'),
  );

const follow = async (onAlive: () => void): Promise<number> => {
  const response = await ask(`/api/follow?since=${since()}`);
  if (!response.ok) return response.status;
  onAlive();
  for await (const line of lines(response)) {
    const news = JSON.parse(line) as News;
    if (!('rows' in news)) continue; // a heartbeat, or something newer than this page
    const { from, ...changed } = news;
    take({ ...story.value, ...changed, rows: [...rows.value.slice(0, from), ...news.rows] });
    void askPossible();
  }
  return response.status;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const followOn = async (): Promise<void> => {
  for (let lost = 0; lost <= PAUSES_MS.length; lost += 1) {
    const status = await follow(() => {
      lost = 0;
      link.value = 'live';
    }).catch(() => 0);
    if (status === 401) throw new Error('The server was started anew. Ask the terminal for a new address.');
    link.value = 'lost';
    await pause(PAUSES_MS[lost] ?? 0);
  }
  throw new Error('The server is gone. What was received can still be looked at.');
};

const login = async (): Promise<void> => {
  const code = location.hash.slice(1);
  history.replaceState(null, '', location.pathname);
  if (code === '') throw new Error('This page needs the address that the terminal printed, with its code.');
  const response = await fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  if (!response.ok) throw new Error('The code was used, or is too old. Ask the terminal for a new address.');
  const { bearer, mayAct, mayFork } = (await response.json()) as { bearer: string; mayAct: boolean; mayFork: boolean };
  access.bearer = bearer;
  may.value = { act: mayAct, fork: mayFork };
};

const answerOf = async (response: Response): Promise<string> => {
  const { kind, message } = (await response.json()) as Partial<Answer> & { readonly message?: string };
  return message ?? kind ?? `status ${response.status}`;
};
/** Asks the session for something; resolves with what it answered. */
export const command = async (op: Readonly<Record<string, unknown>>): Promise<string> => {
  const answer = await post('/api/command', op).then(answerOf, String);
  void askPossible();
  return answer;
};
export const fork = (before: number): Promise<string> => post('/api/fork', { before }).then(answerOf, String);

export const load = async (): Promise<void> => {
  try {
    const data = document.getElementById('story')?.textContent?.trim() ?? '';
    if (data !== '') return take(JSON.parse(await inflate(data)) as Story);
    await login();
    isFollowing.value = true;
    take((await (await ask('/api/story')).json()) as Story);
    void askPossible();
    await followOn();
  } catch (error) {
    link.value = 'none';
    trouble.value = error instanceof Error ? error.message : String(error);
  }
};
