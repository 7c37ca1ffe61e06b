/** Performs one turn on one response: writes the wire's bytes as the client reads them, and every fault where it belongs. */
import type { ServerResponse } from 'node:http';
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

/** Writes with back-pressure; every wait ends when the client goes away. */
const createWriter = (response: ServerResponse, { cutAtByte = Infinity, pieceBytes }: Turn) => {
  let written = 0;
  const isGone = () => response.destroyed || response.socket === null || response.socket.destroyed;
  const wait = (ms: number | null) =>
    new Promise<void>((resolve) => {
      const timer = ms === null || ms === Infinity ? undefined : setTimeout(resolve, ms);
      const wake = () => {
        clearTimeout(timer);
        resolve();
      };
      response.once('close', wake);
      if (ms === null) response.once('drain', wake);
    });
  const push = async (bytes: Buffer) => {
    if (isGone()) return;
    const piece = bytes.subarray(0, cutAtByte - written);
    written += piece.length;
    if (piece.length > 0 && !response.write(piece)) await wait(null);
    if (written < cutAtByte || isGone()) return;
    // What was written must leave before the connection is torn down.
    await new Promise((resolve) => response.write('', resolve));
    response.socket?.end();
    response.socket?.destroySoon();
  };
  const write = async (text: string) => {
    const bytes = Buffer.from(text);
    if (pieceBytes === undefined) return push(bytes);
    for (let at = 0; at < bytes.length && !isGone(); at += pieceBytes) {
      await push(bytes.subarray(at, at + pieceBytes));
      await new Promise(setImmediate);
    }
  };
  return { write, wait, isGone };
};

type Writer = ReturnType<typeof createWriter>;

const text = async (
  item: Extract<ScriptItem, { type: 'text' }>,
  encoder: Encoder,
  writer: Writer,
  progress: Progress,
) => {
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

const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

export const answer = async (
  response: ServerResponse,
  turn: Turn,
  encoder: Encoder,
  tools: readonly string[],
  n: number,
  progress: Progress,
): Promise<void> => {
  const writer = createWriter(response, turn);
  if (turn.headersAfterMs !== undefined) await writer.wait(turn.headersAfterMs);
  if (writer.isGone()) return;
  const [first] = turn.items;
  if (first?.type === 'http')
    return json(response, first.status, first.body ?? { error: { message: `status ${first.status}` } }, first.headers);
  const refusal = first?.type === 'fail' ? encoder.refuse(first.code, first.message ?? '') : null;
  if (refusal !== null) return json(response, refusal.status, refusal.body);

  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  if (turn.raw !== undefined) {
    await writer.write(turn.raw);
    if (!turn.staysOpen) response.end();
    return;
  }
  const usage = turn.usage ?? USAGE;
  await writer.write(encoder.begin(usage));
  let hasFailed = false;
  for (const [nth, item] of turn.items.entries()) {
    if (writer.isGone()) return;
    switch (item.type) {
      case 'text':
        await text(item, encoder, writer, progress);
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
        await new Promise((resolve) => response.write('', resolve));
        response.socket?.destroySoon();
        return;
      case 'http':
        break;
    }
  }
  if (!hasFailed && !turn.isEndless) await writer.write(encoder.end(usage));
  if (!turn.staysOpen && !writer.isGone()) response.end();
};
