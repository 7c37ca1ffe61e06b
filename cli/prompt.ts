/** Where the prompt of exec comes from. With a prompt as argument, stdin is never touched. */
import { fstatSync } from 'node:fs';
import { UsageError } from './mode.ts';
import type { Streams } from './streams.ts';

/** A prompt longer than this is a mistake. Bytes. */
const MAX_PROMPT_BYTES = 16 * 1024 * 1024;

/** Node shows such a stdin as an empty one. */
const isFolder = ({ stdin }: Streams): boolean => {
  try {
    return 'fd' in stdin && typeof stdin.fd === 'number' && fstatSync(stdin.fd).isDirectory();
  } catch {
    return false; // closed: reading finds nothing, and that is told
  }
};

const readAll = async (streams: Streams): Promise<string> => {
  if (isFolder(streams)) throw new UsageError('stdin is a directory; a prompt is read from a file or a pipe');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of streams.stdin) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > MAX_PROMPT_BYTES) throw new UsageError(`the prompt on stdin is longer than ${MAX_PROMPT_BYTES} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** Pictures may come without words. */
export const readPrompt = async (
  argument: string | undefined,
  streams: Streams,
  { hasImages = false }: { readonly hasImages?: boolean } = {},
): Promise<string> => {
  if (argument !== undefined && argument !== '-') {
    if (argument.trim() === '' && !hasImages) throw new UsageError('the prompt is empty');
    return argument;
  }
  if (argument === undefined && streams.isInTty)
    throw new UsageError('no prompt: give one as an argument, or on stdin');
  const text = await readAll(streams);
  if (text.trim() === '' && !hasImages) throw new UsageError('no prompt: stdin was empty');
  return text;
};
