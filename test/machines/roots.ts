/** Where a walk begins: at the beginning, and at places that lie too deep for it. */
import { MAX_REQUESTS_PER_TURN, MAX_SAME_FAILURES } from '../../machines/limits.ts';
import { MAX_CONDENSINGS } from '../../machines/tasks/review.setup.ts';
import { ROOTS_BESIDE } from './roots.beside.ts';
import { ROOTS_HOOKS } from './roots.hooks.ts';
import { ROOTS_SERVERS } from './roots.servers.ts';
import type { Root, Story } from './walk.ts';

const OPENS = 'session/open opens';
const TURN = 'session/turn';
const SAMPLE = `${TURN}/task/sample`;
const REVIEWER = `${TURN}/task/regular/sample`;
const CONDENSER = `${TURN}/task/compact/sample`;
const call = (slot: number, what: string): string => `${TURN}/task/call${slot}/${what}`;
const AID = `${TURN}/aid0/call0`;

const asks: Story = [OPENS, 'say', `${SAMPLE} calls`];
const runs: Story = [...asks, call(0, 'plan run')];
const reviews: Story = [OPENS, 'review'];
const reviewCall = `${TURN}/task/regular/call0`;
const outgrown: Story = [...[...reviews, `${REVIEWER} calls`, `${reviewCall}/plan answer`], `${REVIEWER} fills`];
const aided: Story = [OPENS, 'say', 'shell', `${AID}/plan run`];
const denied: Story = [...asks, call(0, 'plan askTwice'), 'approves 0', call(0, 'exec denied')];
const refused: Story = [...asks, call(0, 'plan reaches'), call(0, 'exec refused')];
const failing: Story = Array.from({ length: MAX_SAME_FAILURES - 1 }, () => [
  `${SAMPLE} calls`,
  call(0, 'plan run'),
  `${SAMPLE} completes`,
  call(0, 'exec fails'),
]).flat();

/** More words of the user's than may stay: a compaction comes first, and does not help. */
const full: Story = [OPENS, 'say', `${SAMPLE} completes`, `${TURN}/settle unchanged`, 'say much'];
const futile: Story = [`${SAMPLE} says`, `${SAMPLE} completes`];

/** Begun and not gone on from: the way there is too long to go it again for each step. */
export const LONG_ROADS: readonly Story[] = [
  [OPENS, 'say', ...Array.from({ length: MAX_REQUESTS_PER_TURN }, () => `${SAMPLE} continues`)],
];

export const ROOTS: readonly Root[] = [
  ...[
    [],
    [OPENS],
    runs,
    [...asks, call(0, 'plan run!'), `${SAMPLE} calls`, call(1, 'plan run')],
    denied,
    refused,
    aided,
    [...aided, `${SAMPLE} completes`],
    [...runs, `${SAMPLE} completes`],
    [...runs, 'interrupt'],
    [...runs, 'interrupt', `${SAMPLE} stops`, call(0, 'exec yields')],
    [...runs, 'interrupt', `${SAMPLE} stops`],
    [...asks, `${SAMPLE} calls`, 'interrupt'],
    [OPENS, 'say', `${SAMPLE} completes`, `${TURN}/settle unchanged`, 'rewind files'],
    [...runs, `${SAMPLE} calls`, `${SAMPLE} refuses`],
    [...runs, `${SAMPLE} drops`, 'steer'],
    [OPENS, 'say', `${SAMPLE} drops`],
    [OPENS, 'say', 'preempt'],
    [OPENS, 'say', 'interrupt', `${SAMPLE} stops`],
    [OPENS, 'say', 'interrupt', 'say', 'compact'],
    [OPENS, 'shell', `${TURN}/task/call0/plan run`, 'interrupt'],
    [OPENS, 'compact', `${SAMPLE} drops`],
    [...reviews, `${REVIEWER} finds`],
    [...reviews, `${REVIEWER} calls`, `${reviewCall}/plan ask`],
    [...reviews, 'interrupt'],
    outgrown.slice(0, -1),
    [...outgrown, `${CONDENSER} says`],
    [...asks, call(0, 'plan answer'), `${SAMPLE} fills`, `${SAMPLE} says`],
    [...outgrown, `${CONDENSER} says`],
    [
      ...Array.from({ length: MAX_CONDENSINGS }, () => [
        ...outgrown.slice(2),
        `${CONDENSER} says`,
        `${CONDENSER} completes`,
      ]).reduce((a, b) => [...a, ...b], reviews),
      ...outgrown.slice(2, -1),
    ],
    [OPENS, 'say', `${SAMPLE} overflows`, `${TURN}/settle unchanged`, 'say'],
    [OPENS, 'say', `${SAMPLE} overflows`, `${TURN}/settle unchanged`, 'say', `${SAMPLE} says`],
    [...full, `${SAMPLE} says`],
    [...full, ...futile, `${SAMPLE} says`],
    [OPENS, 'say', 'shell', `${AID}/plan ask`, `${SAMPLE} completes`],
    [OPENS, 'say', ...failing, `${SAMPLE} calls`, call(0, 'plan run'), `${SAMPLE} completes`],
    ...ROOTS_BESIDE,
  ].map((story) => ({ story })),
  ...ROOTS_SERVERS,
  ...ROOTS_HOOKS,
  ...[[OPENS], asks].map((story) => ({ story, options: { isAttended: false } })),
  ...[[], [OPENS], [OPENS, call(0, 'plan ask')], [OPENS, call(0, 'plan ask'), 'approves 0', call(0, 'exec ok')]].map(
    (story) => ({ story, options: { before: 'question' as const } }),
  ),
  ...[[], [OPENS]].map((story) => ({ story, options: { before: 'words' as const } })),
  { story: [], options: { before: 'words' as const, isAttended: false } },
  { story: [OPENS], options: { before: 'words' as const, servers: 'one' as const } },
];
