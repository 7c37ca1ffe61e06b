/** Where a walk begins to see commands that go on beside the turns: handed over, spoken to, ended. */
import type { Story } from './walk.ts';

const TURN = 'session/turn';
const SAMPLE = `${TURN}/task/sample`;
const CALL = `${TURN}/task/call0`;
const REVIEWER = `${TURN}/task/regular`;
const SETTLES = `${TURN}/settle unchanged`;
const WATCH = 'session/termturn-1.c/watch';

const begun: Story = ['session/open opens', 'say', `${SAMPLE} calls`, `${SAMPLE} completes`];
const lends: Story = [...begun, `${CALL}/plan lasts`];
const lendsOrAsks: Story = [...begun, `${CALL}/plan lastsOrAsks`];
const goesOn: Story = [...lends, 'tick', `${CALL}/exec goesOn`];
const talks: Story = [...goesOn, `${SAMPLE} calls`, `${SAMPLE} completes`, `${CALL}/plan talk`];
const outlives: Story = [...goesOn, `${SAMPLE} completes`, SETTLES];

export const ROOTS_BESIDE: readonly Story[] = [
  lends,
  lendsOrAsks,
  [...lendsOrAsks, 'tick'],
  [...lends, 'tick', 'interrupt'],
  [...lends, 'tick', 'close'],
  [...goesOn, `${SAMPLE} completes`],
  [...goesOn, `${SAMPLE} calls`, `${SAMPLE} completes`],
  [...goesOn, 'interrupt'],
  talks,
  [...talks, 'tick'],
  [...goesOn, `${WATCH} exits`, ...talks.slice(goesOn.length)],
  outlives,
  [...outlives, `${WATCH} exits`],
  [...outlives, 'stop'],
  [
    ...['session/open opens', 'review', `${REVIEWER}/sample calls`, `${REVIEWER}/sample completes`],
    ...[`${REVIEWER}/call0/plan lasts`, 'tick', `${REVIEWER}/call0/exec goesOn`],
  ],
];
