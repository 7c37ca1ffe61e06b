/** A process that lives a session with commands, questions and words that wait, and tells of each reply, until it is killed. */
import { appendFileSync, writeSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { filter, firstValueFrom } from 'rxjs';
import { createRuntime } from '../../actors/runtime.ts';
import type { Op } from '../../machines/protocol/index.ts';
import { killConfig } from './kills.ts';

/** A person takes a while to say yes: so that some are killed while they think. Milliseconds. */
const THINKING_MS = 150;

const [folder = '', script = ''] = process.argv.slice(2);
const runtime = createRuntime(await killConfig(folder, script));
const session = await runtime.open();
const submit = async (op: Op): Promise<void> => {
  const reply = await session.submit(op);
  if (reply.kind === 'accepted' && 'text' in op) appendFileSync(`${folder}/accepted`, `${op.id}\n`);
};
session.events.pipe(filter((event) => event.type === 'approval.requested')).subscribe(({ approvalId, question }) => {
  const { planHash } = question;
  const decision = { kind: 'approve' } as const;
  setTimeout(() => void submit({ type: 'op.decide', id: randomUUID(), approvalId, decision, planHash }), THINKING_MS);
});
writeSync(1, `open ${session.journal}\n`);
for (let n = 0; ; n++) {
  const ended = firstValueFrom(session.events.pipe(filter((event) => event.type === 'turn.completed')));
  void submit({ type: 'op.say', id: `say-${n}`, text: `words ${n}` });
  for (const id of [`queue-${n}`, `queue-${n}b`]) void submit({ type: 'op.queue', id, text: `later ${id}` });
  await ended;
  for (let more = 0; more < 2; more++)
    await firstValueFrom(session.events.pipe(filter((event) => event.type === 'turn.completed')));
}
