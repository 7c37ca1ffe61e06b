/** Leaving the sandbox, through the library: real commands, real denials, real answers. */
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';
import { createRuntime } from '../../actors/runtime.ts';
import { resolveConfig } from '../../cli/config.ts';
import type { FactOf } from '../../machines/protocol/index.ts';
import type { Turn } from '../model-server/scenario.ts';
import { newStage, say, shell } from './stage.ts';

type Asked = FactOf<'approval.requested'>;
type Decision = Exclude<FactOf<'approval.resolved'>['decision'], 'cancelled'>;

const isWritable = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};
/** A folder of the host that commands see and may not write: home, unless home itself is below what they see their own of. */
const openPlace = (): string => {
  const covered = ['/tmp', '/var/tmp', '/run', tmpdir()];
  const isSeen = (folder: string) => !covered.some((cover) => folder === cover || folder.startsWith(`${cover}/`));
  const place = [homedir(), '/srv', '/opt', '/var/lib'].find((folder) => isSeen(folder) && isWritable(folder));
  if (place === undefined) throw new Error('no folder outside of /tmp can be written; set HOME to one');
  return place;
};

const newOutside = () => {
  const outside = mkdtempSync(join(openPlace(), '.turnstile-outside-')); // /tmp and /var/tmp are private inside;
  onTestFinished(() => rmSync(outside, { recursive: true }));
  /** Counts a run inside the workspace, then one outside of it, where the sandbox ends. */
  const command = `echo run >> count && echo out >> ${outside}/count`;
  return { command, file: join(outside, 'count') };
};

const begin = async (...turns: readonly Turn[]) => {
  const stage = await newStage(...turns);
  const { runtime: config } = await resolveConfig({
    flags: {
      model: 'm',
      sandbox: 'workspace-write',
      approval: 'on-failure',
      config: [`openai_base_url="${stage.server.url}"`],
    },
    env: { PATH: process.env['PATH'], HOME: stage.folder, TURNSTILE_HOME: stage.home, OPENAI_API_KEY: 'k' },
    cwd: stage.folder,
    version: '0.0.0',
    isAttended: true,
  });
  const runtime = createRuntime(config);
  onTestFinished(() => runtime[Symbol.asyncDispose]());
  const session = await runtime.open();
  const asked: Asked[] = [];
  const isAsked = (event: { readonly type: string }): event is Asked => event.type === 'approval.requested';
  session.events.pipe(filter(isAsked)).subscribe((fact) => asked.push(fact));
  const ended = firstValueFrom(session.events.pipe(filter(({ type }) => /^turn\.(comp|fail|abort)/.test(type))));
  const first = firstValueFrom(session.events.pipe(filter(isAsked)));
  const decide = (approvalId: string, decision: Decision, planHash?: string) =>
    session.submit({
      type: 'op.decide',
      id: crypto.randomUUID(),
      approvalId,
      decision,
      ...(planHash !== undefined && { planHash }),
    });
  await session.submit({ type: 'op.say', id: 'say', text: 'go' });
  return { ...stage, session, asked, first, ended, decide };
};

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

it('a denial, one question, one run outside: each exactly once', async () => {
  const { command, file } = newOutside();
  const on = await begin(shell(command), say('fine'));
  const { approvalId, question } = await on.first;
  expect(read(file)).toBe('');
  expect(read(join(on.folder, 'count'))).toBe('run\n');
  expect(await on.decide('nobody', { kind: 'approve' })).toMatchObject({ kind: 'refused', reason: 'unknownApproval' });
  expect(await on.decide(approvalId, { kind: 'approve' }, 'another')).toMatchObject({
    kind: 'refused',
    reason: 'planMismatch',
  });
  expect(await on.decide(approvalId, { kind: 'approve' }, question.planHash)).toMatchObject({ kind: 'accepted' });
  expect(await on.decide(approvalId, { kind: 'approve' })).toMatchObject({ kind: 'refused', reason: 'staleApproval' });
  expect(await on.ended).toMatchObject({ type: 'turn.completed' });
  expect(read(join(on.folder, 'count'))).toBe('run\nrun\n');
  expect(read(file)).toBe('out\n');
  expect(on.asked).toHaveLength(1);
});

it('a no with words: the model reads them, and the turn goes on', async () => {
  const { command, file } = newOutside();
  const on = await begin(shell(command), say('fine'));
  const { approvalId } = await on.first;
  await on.decide(approvalId, { kind: 'deny', reason: 'use the other folder' });
  expect(await on.ended).toMatchObject({ type: 'turn.completed' });
  expect(JSON.stringify(on.server.requests[1]?.body['input'])).toContain('use the other folder');
  expect(read(file)).toBe('');
});

it('a yes for the session spares the second question', async () => {
  const { command, file } = newOutside();
  const on = await begin(shell(command), shell(command), say('fine'));
  const { approvalId } = await on.first;
  await on.decide(approvalId, { kind: 'approveForSession' });
  expect(await on.ended).toMatchObject({ type: 'turn.completed' });
  expect(on.asked).toHaveLength(1);
  expect(read(file)).toBe('out\nout\n');
});

it('R3: an interrupt takes an open question away, and nothing runs', async () => {
  const { command, file } = newOutside();
  const on = await begin(shell(command), say('never asked for'));
  const { approvalId } = await on.first;
  await on.session.submit({ type: 'op.interrupt', id: 'stop' });
  expect(await on.ended).toMatchObject({ type: 'turn.aborted', reason: 'interrupted' });
  expect(await on.decide(approvalId, { kind: 'approve' })).toMatchObject({ kind: 'refused' });
  expect(read(file)).toBe('');
  expect(on.server.requests).toHaveLength(1);
});
