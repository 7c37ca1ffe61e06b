/** The blocks of a prompt as the words and pictures of one op. What cannot be sent on is an error that says so. */
import { RequestError, type ContentBlock } from '@agentclientprotocol/sdk';
import type { Pictures } from './pictures.ts';

/** Of one prompt. */
const MAX_PICTURES = 16;

export interface Prompt {
  readonly text: string;
  readonly images: readonly string[];
}

const wordsOf = (block: Exclude<ContentBlock, { type: 'image' }>): string => {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'resource_link':
      return `[${block.name}](${block.uri})`;
    case 'resource':
      if ('text' in block.resource) return `${block.resource.uri}\n\`\`\`\n${block.resource.text}\n\`\`\``;
      throw RequestError.invalidParams(undefined, `${block.resource.uri}: a resource in a prompt must be text`);
    default:
      throw RequestError.invalidParams(undefined, `a prompt may not hold ${block.type}`);
  }
};

export const promptOf = (blocks: readonly ContentBlock[], pictures: Pictures): Prompt => {
  const drawn = blocks.filter((block) => block.type === 'image');
  if (drawn.length > MAX_PICTURES)
    throw RequestError.invalidParams(undefined, `a prompt may hold ${MAX_PICTURES} pictures, not ${drawn.length}`);
  const text = blocks.flatMap((block) => (block.type === 'image' ? [] : [wordsOf(block)])).join('\n');
  const images = drawn.map(({ data }) => {
    const saved = pictures.save(data);
    if ('why' in saved) throw RequestError.invalidParams(undefined, saved.why);
    return saved.path;
  });
  return { text, images };
};
