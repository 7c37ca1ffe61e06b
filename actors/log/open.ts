/** The log that is named: in PostgreSQL by its address, in the files of this home otherwise. Each is loaded only when it is asked for. */
import type { SessionLog } from './port.ts';

export interface LogPlace {
  /** `postgres://…`; absent: files. */
  readonly url: string | undefined;
  readonly home: string;
  readonly now: () => number;
}

export const openLog = async ({ url, home, now }: LogPlace): Promise<SessionLog> => {
  if (url === undefined) return (await import('./files.log.ts')).openFilesLog({ home, now });
  if (!/^postgres(?:ql)?:\/\//.test(url))
    throw new Error(`no log is known by such an address; it begins with postgres://`);
  return (await import('./postgres.log.ts')).openPostgresLog({ url });
};
