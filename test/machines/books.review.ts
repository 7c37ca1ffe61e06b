/** What is kept of reviews (C.11): each begins and ends once within its turn, and nobody reads what was not meant for them. */
import { isTurnEnding, type Item, type RuntimeEvent } from '../../machines/protocol/index.ts';
import { broken } from './broken.ts';
import { REVIEWER } from './choices.ts';

/** Its calls, the results of them, and what it says along the way. Its findings are told in other words. */
const isReviewers = (item: Item): boolean =>
  (item.type === 'agent' && item.text === REVIEWER) ||
  ((item.type === 'call' || item.type === 'result') && item.callId.startsWith(REVIEWER));

/** Of the conversation: its words, the answers, the calls, and its notes; not the surroundings. */
const isConversation = (item: Item): boolean =>
  (item.type === 'user' && item.inputId !== undefined) ||
  (item.type === 'agent' && item.text === 'well') ||
  ((item.type === 'call' || item.type === 'result') && !item.callId.startsWith(REVIEWER)) ||
  (item.type === 'context' && item.about !== 'instructions' && item.about !== 'environment');

const isNote = (item: Item): boolean => item.type === 'context' && item.about === 'review';

export const createReviewBooks = () => {
  const tasks = new Map<string, string>();
  const entered = new Set<string>();
  const exited = new Set<string>();
  const noted = new Set<string>();

  const onItems = (turnId: string, items: readonly Item[]): void => {
    if (items.some(isReviewers)) broken('C.11.2', `${turnId} records what a reviewer said or did`);
    if (!items.some(isNote)) return;
    if (noted.has(turnId)) broken('C.11.4', `${turnId} notes its review twice`);
    if (!exited.has(turnId)) broken('C.11.4', `${turnId} notes its review before it ended`);
    noted.add(turnId);
  };

  return {
    isReview: (turnId: string): boolean => tasks.get(turnId) === 'review',
    hear: (fact: RuntimeEvent): void => {
      if (fact.type === 'turn.started') tasks.set(fact.turnId, fact.task);
      if (fact.type === 'review.entered') {
        if (entered.has(fact.turnId)) broken('C.11', `the review of ${fact.turnId} began twice`);
        entered.add(fact.turnId);
      }
      if (fact.type === 'review.exited') {
        if (!entered.has(fact.turnId)) broken('A.5.9', `the review of ${fact.turnId} ended before it began`);
        if (exited.has(fact.turnId)) broken('A.5.9', `the review of ${fact.turnId} ended twice`);
        exited.add(fact.turnId);
      }
      if (fact.type === 'items.recorded') onItems(fact.turnId, fact.items);
      if (!isTurnEnding(fact)) return;
      if (entered.has(fact.turnId) !== (tasks.get(fact.turnId) === 'review'))
        broken('C.11', `${fact.turnId} is ${tasks.get(fact.turnId)}, and its review did or did not begin`);
      if (entered.has(fact.turnId) && !exited.has(fact.turnId)) broken('A.5.9', `the review of ${fact.turnId} is open`);
      if (entered.has(fact.turnId) && !noted.has(fact.turnId)) broken('C.11.4', `${fact.turnId} forgot its review`);
    },
    /** A compaction may be that of a review: then everything in it is the reviewer's. */
    checkRequest: (items: readonly Item[], purpose: string): void => {
      const [theirs, ours] = [items.some(isReviewers), items.some(isConversation)];
      if (purpose === 'review' && ours) broken('C.11.1', 'a reviewer reads the conversation');
      if (purpose === 'regular' && theirs) broken('C.11.2', 'the model reads what a reviewer did');
      if (theirs && ours) broken('C.11.1', 'a compaction mixes a review and the conversation');
    },
  };
};
