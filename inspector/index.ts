/** For any XState 5 app: an observer for `inspect:`, and the story it comes to. */
export { createRecorder, type AppRecorder, type AppRecorderOptions } from './recorder.ts';
export { storyOf, type Story } from './story.ts';
export { toStately, type StatelyMessage } from './stately.ts';
export type { Outline } from './outline.ts';
