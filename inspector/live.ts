/**
 * A story that grows, for those who watch: it is told anew while somebody does, and each of them hears what is new. When
 * nobody watches nothing is done.
 */
import type { News } from './server.ts';
import type { Story } from './story.ts';

/** How often something that grows is looked at, while somebody watches. */
export const POLL_MS = 250;
/**
 * What telling the story anew may cost: these shares of what the rest of the process computes and of the time that goes
 * by, saved up to so many milliseconds. So after a pause something new is shown at once, and work that never rests is hardly slowed.
 */
const SHARE_OF_WORK = 1 / 16;
const SHARE_OF_TIME = 1 / 50;
const MAX_SAVED_MS = 200;

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

/** Milliseconds of the processor, of all threads of this process. */
const workMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

export const followed = async ({ size, read }: LiveSource): Promise<Live> => {
  const state = { size: size(), story: await read() };
  const budget = { saved: MAX_SAVED_MS, costs: 0, work: workMs(), time: performance.now() };
  const save = (): boolean => {
    const [work, time] = [workMs(), performance.now()];
    const earned = (work - budget.work) * SHARE_OF_WORK + (time - budget.time) * SHARE_OF_TIME;
    Object.assign(budget, { work, time, saved: Math.min(Math.max(MAX_SAVED_MS, budget.costs), budget.saved + earned) });
    return budget.saved >= budget.costs;
  };
  const listeners = new Set<(news: News) => void>();
  const timer = { id: null as NodeJS.Timeout | null };

  const look = async (): Promise<void> => {
    const now = size();
    if (save() && now !== state.size) {
      const before = state.story;
      state.size = now;
      state.story = await read();
      const news = newsFrom(lastInput(before), state.story);
      for (const tell of listeners) tell(news);
      const spent = workMs() - budget.work;
      Object.assign(budget, { costs: spent, saved: budget.saved - spent, work: workMs() });
    }
    timer.id = listeners.size === 0 ? null : setTimeout(() => void look(), POLL_MS);
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
