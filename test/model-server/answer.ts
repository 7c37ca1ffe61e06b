/** Answers one request: refuses it, or streams a turn as fast as the client reads; and does what networks do. */
import type { ServerResponse } from 'node:http';
import { type Part, perform, type Writer } from './perform.ts';
import type { Turn } from './scenario.ts';

/** What was written leaves; then the connection is gone, without the end of the body. */
const hangUp = async (response: ServerResponse) => {
  await new Promise((resolve) => response.write('', resolve));
  response.socket?.destroySoon();
};

/** Writes with back-pressure; every wait ends when the client goes away. */
const createWriter = (response: ServerResponse, { cutAtByte = Infinity, pieceBytes }: Turn): Writer => {
  let written = 0;
  const isGone = () => response.destroyed || response.socket === null || response.socket.destroyed;
  const until = (event: 'drain' | null, ms: number) =>
    new Promise<void>((resolve) => {
      const timer = ms === Infinity ? undefined : setTimeout(() => wake(), ms);
      const wake = () => {
        clearTimeout(timer);
        response.off('close', wake).off('drain', wake);
        resolve();
      };
      response.once('close', wake);
      if (event !== null) response.once(event, wake);
    });
  const push = async (bytes: Buffer) => {
    if (isGone()) return;
    const piece = bytes.subarray(0, cutAtByte - written);
    written += piece.length;
    if (piece.length > 0 && !response.write(piece)) await until('drain', Infinity);
    if (written >= cutAtByte && !isGone()) await hangUp(response);
  };
  return {
    isGone,
    wait: (ms) => until(null, ms),
    write: async (text) => {
      const bytes = Buffer.from(text);
      if (pieceBytes === undefined) return push(bytes);
      for (let at = 0; at < bytes.length && !isGone(); at += pieceBytes) {
        await push(bytes.subarray(at, at + pieceBytes));
        await new Promise(setImmediate);
      }
    },
  };
};

const refuse = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};

export const answer = async (response: ServerResponse, turn: Turn, part: Part): Promise<void> => {
  const writer = createWriter(response, turn);
  if (turn.headersAfterMs !== undefined) await writer.wait(turn.headersAfterMs);
  if (writer.isGone()) return;
  const [first] = turn.items;
  if (first?.type === 'http') {
    const body = first.body ?? { error: { message: `status ${first.status}` } };
    return refuse(response, first.status, body, first.headers);
  }
  const refusal = first?.type === 'fail' ? part.encoder.refuse(first.code, first.message ?? '') : null;
  if (refusal !== null) return refuse(response, refusal.status, refusal.body);

  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  if (turn.raw !== undefined) await writer.write(turn.raw);
  else if ((await perform(turn, part, writer)) === 'hungUp') return hangUp(response);
  if (!turn.staysOpen && !writer.isGone()) response.end();
};
