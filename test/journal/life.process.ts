/** A process that lives one life of a session: says what it is told to, tells each fact as a line, and waits to be killed. */
import { writeSync } from 'node:fs';
import { createRuntime } from '../../actors/runtime.ts';
import type { Op } from '../../machines/protocol/index.ts';
import { lifeConfig, type Flags } from './lives.ts';

const { folder, flags, ops, file } = JSON.parse(process.argv[2] ?? '') as {
  readonly folder: string;
  readonly flags: Flags;
  readonly ops: readonly Op[];
  readonly file: string | null;
};
const runtime = createRuntime(await lifeConfig(folder, flags));
const session = await runtime.open(file === null ? {} : { resume: { file } });
session.events.subscribe((event) => writeSync(1, `${JSON.stringify(event)}\n`));
writeSync(1, `${JSON.stringify({ type: 'journal', file: session.journal })}\n`);
for (const op of ops) void session.submit(op);
setInterval(() => undefined, 60_000);
