/**
 * The same story in the words of Stately's inspector: three messages, for whoever wants to look at it there. Only a
 * conversion: nothing is sent from here. Contexts stay at home; what goes out are names, states and event types.
 */
import type { Story } from './story.ts';

/** A message as the inspector of Stately reads it. */
export type StatelyMessage = { readonly _version: string; readonly createdAt: string; readonly id: null } & (
  | {
      readonly type: '@xstate.actor';
      readonly name: string;
      readonly sessionId: string;
      readonly parentId: string | undefined;
      readonly rootId: string;
      readonly snapshot: unknown;
      readonly definition: undefined;
    }
  | {
      readonly type: '@xstate.event';
      readonly sessionId: string;
      readonly rootId: string;
      readonly sourceId: string | undefined;
      readonly event: { readonly type: string };
    }
  | {
      readonly type: '@xstate.snapshot';
      readonly sessionId: string;
      readonly rootId: string;
      readonly snapshot: unknown;
      readonly event: { readonly type: string };
    }
);

const VERSION = '0.7.2';

const nested = (state: string): unknown => {
  const values = state
    .split('|')
    .map((path) => path.split('.').reduceRight<unknown>((inner, key) => (inner === '' ? key : { [key]: inner }), ''));
  return values.length === 1 ? values[0] : Object.assign({}, ...values);
};

/** A story as these messages, in the order in which it happened. */
export const toStately = ({ rows, actors }: Story): readonly StatelyMessage[] => {
  const idOf = (actor: number): string => `${actors[actor]?.path ?? ''}#${actor}`;
  const rootOf = (actor: number): string => {
    const parent = actors[actor]?.parent ?? null;
    return parent === null ? idOf(actor) : rootOf(parent);
  };
  const messages: StatelyMessage[] = [];
  const births = new Map<number, number[]>();
  actors.forEach(({ born }, actor) => births.set(born, [...(births.get(born) ?? []), actor]));
  rows.forEach(({ actor, type, from, after, t }, row) => {
    const base = { _version: VERSION, createdAt: String(t), id: null };
    for (const born of births.get(row) ?? []) {
      const { parent, path } = actors[born] ?? { parent: null, path: '' };
      messages.push({
        ...base,
        type: '@xstate.actor',
        ...{
          name: path,
          sessionId: idOf(born),
          parentId: parent === null ? undefined : idOf(parent),
          rootId: rootOf(born),
        },
        ...{ snapshot: { status: 'active', context: {}, value: {} }, definition: undefined },
      });
    }
    if (actor === null || after === undefined) return;
    const ids = { sessionId: idOf(actor), rootId: rootOf(actor) };
    messages.push({
      ...base,
      type: '@xstate.event',
      ...ids,
      sourceId: from === '' ? undefined : from,
      event: { type },
    });
    messages.push({
      ...base,
      type: '@xstate.snapshot',
      ...ids,
      snapshot: { status: 'active', context: {}, value: nested(after) },
      event: { type },
    });
  });
  return messages;
};
