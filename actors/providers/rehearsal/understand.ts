/**
 * What the embedded model makes of a plain request. Pure: it looks at the last words of the user and at the results since,
 * finds the first rule that fits, and says what comes next. The rules are in `rules.ts`, most special first.
 */
import type { Item } from '../../../machines/protocol/index.ts';
import type { SampleRequest } from '../provider.ts';
import { RULES } from './rules.ts';
import type { ScriptItem } from './script.ts';
import { valueFor } from './value.ts';
import { HONEST } from './words.ts';

export interface Result {
  readonly tool: string;
  readonly args: string;
  readonly status: Extract<Item, { type: 'result' }>['status'];
  readonly output: string;
}

/** Where the request stands: what was asked, and what came of the calls so far. */
export interface Scene {
  readonly asked: string;
  readonly results: readonly Result[];
  readonly request: SampleRequest;
}

export type Rule = {
  readonly pattern: RegExp;
  readonly answer: (scene: Scene, groups: Readonly<Record<string, string | undefined>>) => readonly ScriptItem[];
};

export const sceneOf = (request: SampleRequest): Scene => {
  const { items } = request;
  const at = items.findLastIndex((item) => item.type === 'user');
  const user = items[at];
  const calls = new Map<string, Extract<Item, { type: 'call' }>>();
  const results: Result[] = [];
  for (const item of items.slice(at + 1)) {
    if (item.type === 'call') calls.set(item.callId, item);
    if (item.type !== 'result') continue;
    const call = calls.get(item.callId);
    if (call) results.push({ tool: call.tool, args: call.args, status: item.status, output: item.output });
  }
  return { asked: user?.type === 'user' ? user.text.trim() : '', results, request };
};

/** Where a shape is demanded, the last words are a value of that shape. */
const shaped = (items: readonly ScriptItem[], { outputSchema }: SampleRequest): readonly ScriptItem[] => {
  if (outputSchema === undefined || items.some((item) => item.type !== 'text' && item.type !== 'reasoning'))
    return items;
  const words = items.map((item) => (item.type === 'text' ? (item.text ?? '') : '')).join('');
  return [{ type: 'text', text: JSON.stringify(valueFor(outputSchema, words)) }];
};

export const understand = (request: SampleRequest): readonly ScriptItem[] => {
  const scene = sceneOf(request);
  for (const { pattern, answer } of RULES) {
    const match = pattern.exec(scene.asked);
    if (match) return shaped(answer(scene, match.groups ?? {}), request);
  }
  return shaped([{ type: 'text', text: `I did not understand that. ${HONEST}` }], request);
};
