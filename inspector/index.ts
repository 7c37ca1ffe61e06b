/** For any XState 5 app: an observer for `inspect:`, the story it comes to, and the page that shows it. */
export { createRecorder, type AppRecorder, type AppRecorderOptions } from './recorder.ts';
export { exportPage, watch, type Watching } from './watch.ts';
export { storyOf, type Story } from './story.ts';
export { toStately, type StatelyMessage } from './stately.ts';
export { fromStately, isStatelyMessage } from './stately-in.ts';
export type { Outline } from './outline.ts';
