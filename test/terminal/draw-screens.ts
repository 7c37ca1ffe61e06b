/** Draws the screens of the README into docs/screens from a chat that really ran: `node test/terminal/draw-screens.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startChat } from './program.ts';
import { svgOf } from './svg.ts';
import type { Glass } from './glass.ts';

const FOLDER = fileURLToPath(new URL('../../docs/screens/', import.meta.url));
const SIZE = { columns: 92, rows: 30 };

interface Scene {
  readonly name: string;
  readonly title: string;
  readonly turns: readonly (readonly object[])[];
  readonly play: (glass: Glass) => Promise<void>;
}

const said = (text: string) => ({ type: 'text', text, gap_ms: 1 });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const SCENES: readonly Scene[] = [
  {
    name: 'interrupt',
    title: 'Esc stops a running test suite; the receipt says what was ended',
    turns: [
      [
        said('I run the tests first.'),
        { type: 'shell', command: 'for i in 1 2 3; do echo "ok $i - parses"; done; sleep 300' },
      ],
    ],
    play: async (glass) => {
      glass.type('fix the parser\r');
      await glass.shows('ok 3 - parses');
      glass.type('and look at the lexer too\t');
      await glass.shows('next turn');
      await pause(1_200);
      glass.type('\x1b');
      await glass.shows('interrupted by you');
    },
  },
  {
    name: 'question',
    title: 'A question says why it is asked, what runs now, and what a yes would run',
    turns: [
      [
        {
          type: 'call',
          name: 'shell',
          args: {
            command: 'touch /etc/proof && cat /etc/hostname',
            with_escalated_permissions: true,
            justification: 'install the hook',
          },
        },
      ],
    ],
    play: async (glass) => {
      glass.type('install the hook\r');
      await glass.shows('if yes');
    },
  },
  {
    name: 'patch',
    title: 'An answer with a table, a patch with its diff, and the state in the last line',
    turns: [
      [
        said(
          'Two files change:\n\n| file | why |\n|:--|:--|\n| lexer.ts | **numbers** may hold `_` |\n| notes.md | says so |\n',
        ),
        {
          type: 'patch',
          patch:
            '*** Begin Patch\n*** Add File: lexer.ts\n+export const NUMBER = /^[0-9_]+/;\n*** Add File: notes.md\n+Numbers may hold underscores.\n*** End Patch',
        },
      ],
      [said('Done: `1_000` is a number now.\n\n```ts\nconst n = read("1_000"); // 1000\n```')],
    ],
    play: async (glass) => {
      glass.type('allow underscores in numbers\r');
      await glass.shows('done in');
    },
  },
];

mkdirSync(FOLDER, { recursive: true });
for (const { name, title, turns, play } of SCENES) {
  const { glass, ended, folder } = await startChat(turns, {
    ...SIZE,
    flags: { sandbox: name === 'question' ? 'read-only' : 'workspace-write', approval: 'on-request' },
  });
  await glass.shows('/help lists');
  await play(glass);
  await pause(200);
  await glass.lines();
  writeFileSync(
    `${FOLDER}${name}.svg`,
    svgOf(glass.terminal, title, (text) => text.replaceAll(folder, '~')),
  );
  for (let i = 0; i < 4; i += 1) {
    glass.type('\x03');
    await pause(150);
  }
  await ended;
}
