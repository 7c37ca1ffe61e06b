/** Where a walk begins to see the user's own programs asked: before anything is said, before and after a tool, at the end. */
import type { Root, Story } from './walk.ts';

const OPENS = 'session/open opens';
const GREETED: Story = [OPENS, 'session/hook passes'];
const TURN = 'session/turn';
const HOOK = `${TURN}/hook`;
const SAMPLE = `${TURN}/task/sample`;
const CALL = `${TURN}/task/call0`;

const heard: Story = [...GREETED, 'say', `${HOOK} passes`];
const planned: Story = [...heard, `${SAMPLE} calls`, `${CALL}/plan run`];
const ran: Story = [...planned, `${CALL}/hook passes`, `${CALL}/exec ok`];
const asks: Story = [...planned, `${CALL}/hook asks`];
const said: Story = [...heard, `${SAMPLE} says`, `${SAMPLE} completes`];
const rounds: Story = [`${HOOK} blocks`, `${SAMPLE} says`, `${SAMPLE} completes`];

export const ROOTS_HOOKS: readonly Root[] = [
  ...[
    [OPENS],
    [OPENS, 'close'],
    [...GREETED, 'say'],
    [...GREETED, 'say', 'interrupt'],
    planned,
    [...planned, 'interrupt', `${SAMPLE} stops`],
    asks,
    ran,
    [...ran, 'interrupt', `${SAMPLE} stops`],
    [...heard, `${SAMPLE} calls`, `${CALL}/plan remote`, `${CALL}/hook passes`],
    [...heard, `${SAMPLE} calls`, `${CALL}/plan lasts`, `${CALL}/hook passes`],
    [...heard, `${SAMPLE} calls`, `${CALL}/plan lasts`, `${CALL}/hook passes`, 'tick'],
    [...heard, `${SAMPLE} calls`, `${CALL}/plan reaches`, `${CALL}/hook passes`, `${CALL}/exec refused`],
    said,
    [...said, 'interrupt'],
    [...said, ...rounds, ...rounds, ...rounds, ...rounds, ...rounds],
  ].map((story) => ({ story, options: { hooks: 'all' as const } })),
  ...[[...GREETED, 'say'], planned].map((story) => ({ story, options: { hooks: 'required' as const } })),
  { story: [OPENS, 'say', ...said.slice(heard.length)], options: { hooks: 'stop' } },
  { story: planned, options: { hooks: 'all', isAttended: false } },
];
