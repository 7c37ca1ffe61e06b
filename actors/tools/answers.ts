/** What several tools say to the model. */
import type { CallView } from '../../machines/protocol/index.ts';
import type { Intent } from './tool.ts';

type Answer = Extract<Intent, { kind: 'answer' }>;

/** Shown for a call that starts nothing. */
export const toolView = (tool: string, args: string): CallView => ({ kind: 'tool', tool, args });

export const failure = (view: CallView, output: string): Answer => ({ kind: 'answer', output, succeeded: false, view });

/** `mend`: a sentence that says what to change. */
export const badArguments = (tool: string, args: string, mend: string): Answer =>
  failure(toolView(tool, args), `failed to parse function arguments: ${mend}`);

export const unknownTool = (tool: string, args: string, known: readonly string[]): Answer =>
  failure(toolView(tool, args), `unsupported call: ${tool}\nThe tools of this session are: ${known.join(', ')}.`);
