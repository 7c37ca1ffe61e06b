/** Where the story comes from: the page itself, or the server that sent it. */
import type { News } from '../server.ts';
import type { Story } from '../story.ts';
import { cursor, isFollowing, mayAct, rows, story, trouble } from './store.ts';

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

/** What came after the story was made, and the story again where an open step has got its end. */
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

const follow = async (): Promise<void> => {
  const response = await ask('/api/follow');
  for await (const line of lines(response)) {
    const news = JSON.parse(line) as News;
    if (!('rows' in news)) continue; // a heartbeat, or something newer than this page
    const { from, ...changed } = news;
    take({ ...story.value, ...changed, rows: [...rows.value.slice(0, from), ...news.rows] });
  }
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
  const { bearer, control } = (await response.json()) as { bearer: string; control: boolean };
  access.bearer = bearer;
  mayAct.value = control;
};

/** Asks the session for something; resolves with what it answered. */
export const command = async (op: Readonly<Record<string, unknown>>): Promise<string> => {
  const response = await ask('/api/command', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(op),
  });
  const { kind, message } = (await response.json()) as { kind?: string; message?: string };
  return message ?? kind ?? `status ${response.status}`;
};

export const load = async (): Promise<void> => {
  try {
    const data = document.getElementById('story')?.textContent?.trim() ?? '';
    if (data !== '') return take(JSON.parse(await inflate(data)) as Story);
    await login();
    isFollowing.value = true;
    take((await (await ask('/api/story')).json()) as Story);
    await follow();
    trouble.value = 'The server is gone. What was received can still be looked at.';
  } catch (error) {
    trouble.value = error instanceof Error ? error.message : String(error);
  }
};
