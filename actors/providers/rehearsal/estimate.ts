/** Token counts of a model that has no tokenizer: four characters are about one token. */
import type { Item, TokenUsage } from '../../../machines/protocol/index.ts';
import type { SampleRequest } from '../provider.ts';

const CHARS_PER_TOKEN = 4;
const tokens = (chars: number) => Math.ceil(chars / CHARS_PER_TOKEN);

const charsOf = (item: Item): number => {
  switch (item.type) {
    case 'call':
      return item.tool.length + item.args.length;
    case 'result':
      return item.output.length;
    default:
      return item.text.length;
  }
};

export const usageOf = ({ instructions, items, tools }: SampleRequest, spokenChars: number): TokenUsage => {
  const described = tools.reduce((sum, tool) => sum + tool.name.length + tool.description.length, 0);
  const input = items.reduce((sum, item) => sum + charsOf(item), instructions.length + described);
  return { input: tokens(input), cachedInput: 0, output: tokens(spokenChars), reasoningOutput: 0 };
};
