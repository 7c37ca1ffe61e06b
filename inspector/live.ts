/**
 * A story that grows, for those who watch: it is told anew while somebody does, and each of them hears what is new. When
 * nobody watches nothing is done.
 */
import type { News } from './server.ts';
import type { Story } from './story.ts';

/** How often something that grows is looked at, while somebody watches. */
export const POLL_MS = 250;
/** Of the time, at most one part in this many goes into telling the story anew. */
export const PATIENCE = 12;

export interface LiveSource {
  /** Cheap. Another number than last time: there is something new. */
  readonly size: () => number;
  readonly read: () => Promise<Story>;
}
export interface Live {
  readonly story: () => Story;
  readonly follow: (onNews: (news: News) => void, since: number | null) => () => void;
  readonly close: () => void;
}

/** Everything before the last input is as it was: machines say the same again. */
const lastInput = ({ rows }: Story): number =>
  Math.max(
    0,
    rows.findLastIndex(({ kind }) => kind === 'input'),
  );

const newsFrom = (from: number, { actors, verdict, rows, title, head, messages = [] }: Story): News => {
  const news = { from, rows: rows.slice(from), actors, verdict, messages };
  return from === 0 ? { ...news, title, head } : news;
};

export const followed = async ({ size, read }: LiveSource): Promise<Live> => {
  const state = { size: size(), story: await read() };
  const listeners = new Set<(news: News) => void>();
  const timer = { id: null as NodeJS.Timeout | null };

  const look = async (): Promise<void> => {
    const began = performance.now();
    const now = size();
    if (now !== state.size) {
      const before = state.story;
      state.size = now;
      state.story = await read();
      const news = newsFrom(lastInput(before), state.story);
      for (const tell of listeners) tell(news);
    }
    const took = performance.now() - began;
    timer.id = listeners.size === 0 ? null : setTimeout(() => void look(), Math.max(POLL_MS, took * PATIENCE));
    timer.id?.unref();
  };

  return {
    story: () => state.story,
    follow: (onNews, since) => {
      listeners.add(onNews);
      // Whatever came between the story and now, or while nobody was there to hear it.
      if (since !== null) onNews(newsFrom(Math.min(since, lastInput(state.story)), state.story));
      if (timer.id === null) void look();
      return () => listeners.delete(onNews);
    },
    close: () => {
      if (timer.id !== null) clearTimeout(timer.id);
      listeners.clear();
    },
  };
};
