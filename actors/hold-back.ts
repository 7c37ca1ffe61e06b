/**
 * Nothing leaves before what led to it is in the log. Where a journal is written at once there is nothing to wait for; where
 * it is not, processes, requests and calls of servers wait until it is, and begin nowhere if it never will be.
 */
import type { Journal } from './journal/writer.ts';
import type { Desk } from './mcp/desk.ts';
import type { Began } from './processes/run.ts';

export interface HoldBack {
  readonly mayStart: () => Began | Promise<Began>;
  /** The value, when everything that was appended so far is kept. Never, if the session is somebody else's by then. */
  readonly through: <T>(value: Promise<T>) => Promise<T>;
  readonly desk: (desk: Desk) => Desk;
}

const NEVER = new Promise<never>(() => undefined);

export const holdBack = (settled: Journal['settled']): HoldBack => {
  if (settled === undefined) return { mayStart: () => 'mayStart', through: (value) => value, desk: (desk) => desk };
  return {
    mayStart: async () => ((await settled()) === 'settled' ? 'mayStart' : 'fenced'),
    through: async (value) => ((await settled()) === 'settled' ? value : NEVER),
    desk: (desk) => ({
      ...desk,
      call: (input, caller) => {
        const call = { isWanted: true, end: () => undefined as void };
        void settled().then((kept) => {
          if (call.isWanted && kept === 'settled') call.end = desk.call(input, caller);
        });
        return () => {
          call.isWanted = false;
          call.end();
        };
      },
    }),
  };
};
