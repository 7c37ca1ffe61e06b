/** stdin as lines. One that does not end within the limit is the end of it: what follows cannot be trusted to be a message. */
import type { Streams } from '../streams.ts';

/** Of one message. Bytes. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

export type InputEnd = 'ended' | 'tooLong';

export const readLines = (stdin: Streams['stdin'], onLine: (line: string) => void): Promise<InputEnd> =>
  new Promise((resolve) => {
    const state = { pieces: [] as Buffer[], size: 0 };
    const hear = (piece: Buffer | string): void => {
      let rest = typeof piece === 'string' ? Buffer.from(piece) : piece;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        const line = Buffer.concat([...state.pieces.splice(0), rest.subarray(0, end)]).toString('utf8');
        state.size = 0;
        rest = rest.subarray(end + 1);
        if (line.trim() !== '') onLine(line);
      }
      if (rest.length > 0) state.pieces.push(rest);
      state.size += rest.length;
      if (state.size <= MAX_MESSAGE_BYTES) return;
      stdin.off('data', hear).pause();
      resolve('tooLong');
    };
    stdin.on('data', hear);
    for (const end of ['end', 'close', 'error']) stdin.once(end, () => resolve('ended'));
  });
