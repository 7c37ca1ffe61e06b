/** What the embedded model says where no tools are offered: a summary of what was asked and done, always the same. */
import type { Item } from '../../../machines/protocol/index.ts';
import type { SampleRequest } from '../provider.ts';
import type { ScriptItem } from './script.ts';
import { valueFor } from './value.ts';

/** Repeated of one message. Characters. */
const QUOTED_CHARS = 120;
/** Messages and calls that are listed, the newest. */
const LISTED = 12;

const line = (text: string) => {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > QUOTED_CHARS ? `${flat.slice(0, QUOTED_CHARS)}…` : flat;
};

const listed = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : [title, ...lines.slice(-LISTED).map((text) => `- ${line(text)}`)];

const of = <T extends Item['type']>(items: readonly Item[], type: T) =>
  items.filter((item): item is Extract<Item, { type: T }> => item.type === type);

export const summarise = ({ items, outputSchema }: SampleRequest): readonly ScriptItem[] => {
  if (outputSchema !== undefined) return [{ type: 'text', text: JSON.stringify(valueFor(outputSchema, 'rehearsed')) }];
  // The last message is the request for the summary itself.
  const asked = of(items, 'user').map((item) => item.text);
  const text = [
    `Summary (by the embedded model) of ${items.length} items.`,
    ...listed('The user asked:', asked.slice(0, Math.max(1, asked.length - 1))),
    ...listed(
      'Calls made:',
      of(items, 'call').map((item) => `${item.tool} ${item.args}`),
    ),
    ...listed(
      'Last said:',
      of(items, 'agent')
        .slice(-1)
        .map((item) => item.text),
    ),
  ].join('\n');
  return [{ type: 'text', text }];
};
