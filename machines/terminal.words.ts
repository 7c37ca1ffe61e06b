/** What the model reads when a background terminal is gone: nobody else will tell it. */
import type { Item } from './protocol/index.ts';
import type { Terminal } from './terminal.contract.ts';

export type Gone = Pick<Terminal, 'terminalId' | 'what'>;

const beginning = (terminalId: string): string => `Session ${terminalId} was ended and is gone`;

export const newsOf = (gone: readonly Gone[]): Item => ({
  type: 'context',
  about: 'terminals',
  text: gone.map(({ terminalId, what }) => `${beginning(terminalId)}: ${what}`).join('\n'),
});

export const tellsOf = (item: Item, terminalId: string): boolean =>
  item.type === 'context' && item.about === 'terminals' && item.text.includes(beginning(terminalId));
