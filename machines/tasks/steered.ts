/** Words for a turn that runs, as they are remembered once they are delivered. */
import type { Item } from '../protocol/index.ts';
import type { Steered } from './contract.ts';

export const asItem = ({ inputId, text, images, about }: Steered): Item =>
  about === undefined
    ? { type: 'user', text, inputId, ...(images === undefined ? {} : { images }) }
    : { type: 'context', about, text, inputId };
