/** The page for any app: as one file, or served on this machine while the app runs. */
import { inspectorPage } from './charts.ts';
import { followed } from './live.ts';
import { withStory } from './page-template.ts';
import type { AppRecorder } from './recorder.ts';
import { serveInspector } from './server.ts';
import type { Story } from './story.ts';

/** One page that needs nobody, as text. What the contexts and events of the app hold is in it as it was. */
export const exportPage = async (story: Story): Promise<string> => withStory(await inspectorPage(), story);

/** A page that is being served; it ends when it is disposed of. */
export interface Watching extends AsyncDisposable {
  /** Works once, for a minute. */
  readonly address: string;
  close(): Promise<void>;
}

/** Serves the page on 127.0.0.1, for looking only. */
export const watch = async (
  recorder: AppRecorder,
  { title = 'an app', port = 0 }: { readonly title?: string; readonly port?: number } = {},
): Promise<Watching> => {
  const live = await followed({ size: recorder.size, read: () => Promise.resolve(recorder.story(title)) });
  const { story, follow } = live;
  const server = await serveInspector({
    page: await inspectorPage(),
    ...{ port, now: Date.now, story, follow, control: null },
  });
  const close = (): Promise<void> => {
    live.close();
    return server.close();
  };
  return { address: server.address(), close, [Symbol.asyncDispose]: close };
};
