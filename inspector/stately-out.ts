/**
 * Sends a story on to Stately's inspector, as it grows, over its own WebSocket protocol. Nothing starts this by itself: its
 * page is somebody else's and not on this machine. So contexts and the contents of events stay here, what goes out are
 * names, states and types; and only a relay on this machine is spoken to.
 */
import { toStately, type StatelyMessage } from './stately.ts';
import type { Live } from './live.ts';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
/** Bytes that may wait for a relay that does not read; then it is left alone. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

export type Relay =
  { readonly kind: 'relay'; readonly close: () => void } | { readonly kind: 'refused'; readonly why: string };

const isLoopback = (url: string): boolean => {
  const parsed = URL.parse(url);
  return parsed !== null && parsed.protocol === 'ws:' && LOOPBACK.has(parsed.hostname);
};

export const sendOn = async (live: Live, url: string): Promise<Relay> => {
  if (!isLoopback(url)) return { kind: 'refused', why: `${url} is no ws: address on this machine` };
  const socket = new WebSocket(url);
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.addEventListener('open', () => resolve(true), { once: true });
    socket.addEventListener('error', () => resolve(false), { once: true });
  });
  if (!isOpen) return { kind: 'refused', why: `nobody answers at ${url}` };
  const sent = { count: 0 };
  const tell = (messages: readonly StatelyMessage[]): void => {
    for (const message of messages.slice(sent.count)) {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (socket.bufferedAmount > MAX_UNREAD_BYTES) return socket.close();
      socket.send(JSON.stringify(message));
      sent.count += 1;
    }
  };
  const stop = live.follow(() => tell(toStately(live.story())), 0);
  socket.addEventListener('close', stop);
  return {
    kind: 'relay',
    close: () => {
      stop();
      socket.close();
    },
  };
};
