/**
 * The kinds of work a turn can do. To add one: write `<kind>.machine.ts`, then add its line here. The compiler checks
 * that it fits the contract; the stories in `test/properties` are told of every kind.
 */
import { asTask } from './contract.ts';
import { compactMachine } from './compact.machine.ts';
import { regularMachine } from './regular.machine.ts';
import { reviewMachine } from './review.machine.ts';
import { shellMachine } from './shell.machine.ts';

export const tasks = {
  regular: asTask(regularMachine),
  compact: asTask(compactMachine),
  review: asTask(reviewMachine),
  shell: asTask(shellMachine),
};

export type TaskKind = keyof typeof tasks;

/** Whether its requests carry the history, so that a window that is too full has to be emptied first. */
export const sendsHistory = (kind: TaskKind): boolean => kind === 'regular';

/** Whether the model must have been told where it is before the task begins. */
export const needsSurroundings = (kind: TaskKind): boolean => kind === 'regular' || kind === 'review';

/** Whether the window that it fills is the conversation's. */
export const fillsWindow = (kind: TaskKind): boolean => kind !== 'review';

/** What a turn does with words that come while the task runs: give them to it, or keep them for the task after it. */
export const isSteerable = (kind: TaskKind): boolean => kind === 'regular';
