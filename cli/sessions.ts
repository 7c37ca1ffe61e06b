/** `turnstile sessions`: the saved ones of this folder, or of all, or those with these words in them, newest first. */
import { resolve } from 'node:path';
import { homeOf } from './config.ts';
import type { Mode } from './mode.ts';
import { oneLine } from './render/strip.ts';
import { savedSessions, sessionLines } from './saved.ts';

export const run: Mode = async ({ flags, operands: [search] }, { env, cwd, streams }) => {
  const here = flags.cd === undefined ? cwd : resolve(cwd, flags.cd);
  const rows = await savedSessions({ home: homeOf(env, cwd), cwd: here, isAll: flags.all === true, search });
  if (flags.json) {
    const told = rows.map(({ id, file, cwd, model, created, updated, preview, turns }) => ({
      ...{ id, file, cwd, model, preview, turns },
      created: new Date(created).toISOString(),
      updated: new Date(updated).toISOString(),
    }));
    streams.out(`${JSON.stringify(told, null, 2)}\n`);
    return 0;
  }
  if (rows.length === 0)
    streams.err(`no saved session${flags.all ? '' : ' of this folder (--all shows those of others)'}\n`);
  for (const line of sessionLines(rows, Date.now())) streams.out(`${oneLine(line)}\n`);
  return 0;
};
