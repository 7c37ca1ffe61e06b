/** Where a walk begins to see a server of tools, and a call of one of them. */
import type { Root, Story } from './walk.ts';

const OPENS = 'session/open opens';
const TURN = 'session/turn';
const SAMPLE = `${TURN}/task/sample`;
const LINK = 'session/mcp-s/link';

const listed: Story = [OPENS, `${LINK} lists`];
const loses: Story = [`${LINK} dies`, 'tick'];
const returns: Story = [...loses, `${LINK} lists`];
const reaches: Story = ['say', `${SAMPLE} calls`, `${TURN}/task/call0/plan remote`, `${SAMPLE} completes`];

export const ROOTS_SERVERS: readonly Root[] = [
  { story: [OPENS, ...reaches] },
  ...[
    [OPENS],
    [OPENS, 'close'],
    [OPENS, 'tick'],
    listed,
    [...listed, 'close'],
    [...listed, 'tick'],
    [...listed, `${LINK} dies`],
    [...listed, ...loses],
    [...listed, ...loses, ...loses, ...loses, ...loses],
    [...listed, ...returns, ...returns, ...returns, ...returns],
    [OPENS, ...reaches, 'close'],
  ].map((story) => ({ story, options: { servers: 'one' as const } })),
];
