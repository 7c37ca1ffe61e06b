/** Says the items of a turn on a wire, one after the other, through a writer that may wait, or be gone. */
import type { ScriptItem } from '../../actors/providers/rehearsal/script.ts';
import type { Encoder } from './encoder.ts';
import { callOf, piecesOf, type Turn, USAGE } from './scenario.ts';

/** Written in one go. Characters. */
const BATCH_CHARS = 64 * 1024;

export interface Progress {
  deltas: number;
  /** The client went away before the answer was over. */
  isAbandoned: boolean;
}

export interface Writer {
  write(text: string): Promise<void>;
  /** Milliseconds; `Infinity`: until the client is gone. */
  wait(ms: number): Promise<void>;
  isGone(): boolean;
}

type TextItem = Extract<ScriptItem, { type: 'text' }>;

const say = async (item: TextItem, encoder: Encoder, writer: Writer, progress: Progress) => {
  const { deltas, delta = 'tokn ', gap_ms = 0 } = item;
  const parts = item.text === undefined ? null : piecesOf(item.text);
  const count = parts?.length ?? deltas ?? 1;
  let batch = encoder.textBegin();
  for (let i = 0; i < count && !writer.isGone(); i++) {
    batch += encoder.textDelta(parts?.[i] ?? delta);
    progress.deltas += 1;
    if (gap_ms === 0 && batch.length < BATCH_CHARS) continue;
    await writer.write(batch);
    batch = '';
    if (gap_ms > 0) await writer.wait(gap_ms);
  }
  await writer.write(batch + encoder.textEnd(item.text ?? delta.repeat(count)));
};

export interface Part {
  readonly encoder: Encoder;
  /** Names of the tools that the request offers. */
  readonly tools: readonly string[];
  /** Number of the request; it makes the ids of calls unique. */
  readonly n: number;
  readonly progress: Progress;
}

/** `hungUp`: the script wants the connection dropped here. */
export const perform = async (turn: Turn, part: Part, writer: Writer): Promise<'written' | 'hungUp'> => {
  const { encoder, tools, n, progress } = part;
  const usage = turn.usage ?? USAGE;
  let hasFailed = false;
  await writer.write(encoder.begin(usage));
  for (const [nth, item] of turn.items.entries()) {
    if (writer.isGone()) return 'written';
    switch (item.type) {
      case 'text':
        await say(item, encoder, writer, progress);
        break;
      case 'reasoning':
        await writer.write(encoder.reasoning(item.text));
        break;
      case 'call':
      case 'shell':
      case 'patch': {
        const { name, args } = callOf(item, tools);
        await writer.write(encoder.call(`call_${n}_${nth}`, name, args));
        break;
      }
      case 'fail':
        await writer.write(encoder.fail(item.code, item.message ?? ''));
        hasFailed = true;
        break;
      case 'stall':
        await writer.wait(item.ms ?? Infinity);
        break;
      case 'disconnect':
        return 'hungUp';
      case 'http':
        break;
    }
  }
  if (!hasFailed && !turn.isEndless) await writer.write(encoder.end(usage));
  return 'written';
};

/** The whole body that a turn comes to, without any waiting. */
export const render = async (turn: Turn, encoder: Encoder): Promise<string> => {
  const pieces: string[] = [];
  const writer: Writer = {
    write: (piece) => Promise.resolve(void pieces.push(piece)),
    wait: () => Promise.resolve(),
    isGone: () => false,
  };
  await perform(turn, { encoder, tools: ['shell'], n: 0, progress: { deltas: 0, isAbandoned: false } }, writer);
  return pieces.join('');
};
