/** `?`: the keys that work at this moment, as the machine says. Pure. */
import type { Op, Refusal } from '../../machines/protocol/index.ts';
import type { ActionName, Keymap } from './keymap.ts';
import type { ChatView } from './view.ts';

type Can = (op: Op) => Refusal | null;
/** What a key does now; null: nothing. */
type Row = readonly [key: string, does: string | null];

const id = 'can';

export const keysNow = ({ turnId, pending }: ChatView, can: Can, { keys }: Keymap): readonly string[] => {
  const may = (op: Op): boolean => can(op) === null;
  const turn = turnId ?? 'none';
  const isBusy = turnId !== null;
  const steers = isBusy && may({ type: 'op.steer', id, turnId: turn, text: id });
  const interrupts = isBusy && may({ type: 'op.interrupt', id, turnId: turn });
  const queues = isBusy && may({ type: 'op.queue', id, text: id });
  const says = !isBusy && may({ type: 'op.say', id, text: id });
  const rewinds = !isBusy && may({ type: 'op.rewind', id, turns: 1 });
  const bound = (name: ActionName, does: string | null): Row => [keys[name].join(' '), does];
  const when = (is: boolean, does: string): string | null => (is ? does : null);

  const rows: readonly Row[] =
    pending.length > 0
      ? [
          ['y', 'yes, once'],
          ['s', 'yes, and not asked again in this session'],
          ['n', 'no, go on without it'],
          ['esc', 'no, because …; twice: stop the turn'],
          ['a ctrl-c', when(interrupts, 'stop the turn')],
          bound('expand', 'the whole question'),
        ]
      : [
          [
            'enter',
            says
              ? 'begins a turn'
              : steers
                ? 'goes into this turn, at its next step'
                : when(queues, 'waits for the next turn'),
          ],
          bound('queue', queues ? 'waits for the next turn' : 'completes a name'),
          ['esc', when(interrupts, 'interrupts')],
          ['esc esc', when(rewinds, 'with words: puts them aside; without: takes back a turn')],
          [
            'ctrl-c',
            interrupts ? 'interrupts' : isBusy ? 'ends everything now' : 'puts the words aside; twice without: quits',
          ],
          ['ctrl-d', when(!isBusy, 'twice without words: quits')],
          bound('newline', 'a new line'),
          ['up down', 'lines, and what was typed before'],
          bound('search', 'looks for what was typed before'),
          bound('expand', 'the whole of the last output'),
          bound('plan', 'the plan'),
          bound('transcript', 'the whole conversation, in your pager'),
          bound('editor', 'writes in your editor'),
          bound('suspend', 'to the shell'),
        ];
  const shown = rows.filter((row): row is readonly [string, string] => row[0] !== '' && row[1] !== null);
  const width = Math.max(...shown.map(([key]) => key.length));
  return shown.map(([key, does]) => `  ${key.padEnd(width)}  ${does}`);
};
