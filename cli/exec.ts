/**
 * One turn without a person. The final message, or the lines of --json, on stdout; everything else on stderr.
 * It fails closed: whoever asks is refused at once. It ends with exactly one terminal, also when it is told to stop.
 */
import { randomUUID } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { filter, firstValueFrom, map, tap } from 'rxjs';
import type { OpenOptions, Session } from '../actors/contract.ts';
import { isDelta, isTurnEnding, type FactOf } from '../machines/protocol/index.ts';
import { homeOf, resolveConfig } from './config.ts';
import { EXIT, exitCodeOf, exitCodeOfSignal } from './exit-code.ts';
import type { Flags } from './flags.ts';
import { UsageError, type Mode, type Surroundings } from './mode.ts';
import { openSession, preloadRuntime, type OpenSession } from './open.ts';
import { compileSchema, readSchema, type Validator } from './output-schema.ts';
import { readPrompt } from './prompt.ts';
import { createReporter } from './reporter.ts';
import { newestSession, sessionNamed } from './saved.ts';

type Ending = FactOf<'turn.completed' | 'turn.failed' | 'turn.aborted'>;

interface Wanted {
  readonly prompt: string | undefined;
  readonly resume: OpenOptions['resume'];
}

const readOperands = async (flags: Flags, operands: readonly string[], { env, cwd }: Surroundings): Promise<Wanted> => {
  const [first, second, third] = operands;
  if (first !== 'resume') {
    if (second !== undefined)
      throw new UsageError(`unexpected argument: ${JSON.stringify(second)} (put the prompt in quotes)`);
    return { prompt: first, resume: undefined };
  }
  const home = homeOf(env, cwd);
  const takesOver = flags.takeOver === true;
  if (flags.remote !== undefined) {
    if (second === undefined || flags.last) throw new UsageError('--remote: which session? exec resume ID [PROMPT]');
    return { prompt: third, resume: { file: second } };
  }
  if (!flags.last && second !== undefined)
    return { prompt: third, resume: { file: sessionNamed(home, cwd, second), takesOver } };
  if (third !== undefined) throw new UsageError(`unexpected argument: ${JSON.stringify(third)}`);
  const here = flags.cd === undefined ? cwd : resolve(cwd, flags.cd);
  return {
    prompt: second,
    resume: { file: await newestSession({ home, cwd: here, isAll: flags.all === true }), takesOver },
  };
};

const imagesOf = (flags: Flags, cwd: string): readonly string[] =>
  (flags.image ?? [])
    .flatMap((given) => given.split(',')) // as Codex does
    .map((given) => {
      const path = resolve(cwd, given);
      if (!statSync(path, { throwIfNoEntry: false })?.isFile())
        throw new UsageError(`--image: there is no file ${path}`);
      return path;
    });

/** Refuses whatever is asked. The machine does so itself when nobody attends; this is the second lock. */
const refuseAll = (session: Session) =>
  session.events.pipe(filter((event) => event.type === 'approval.requested')).subscribe(({ approvalId, question }) => {
    const decision = { kind: 'deny', reason: 'nobody is here to approve this' } as const;
    void session.submit({
      type: 'op.decide',
      id: randomUUID(),
      approvalId,
      decision,
      planHash: question.planHash,
      source: 'exec',
    });
  });

const saveLastMessage = (file: string, cwd: string, message: string | null): string | null => {
  try {
    writeFileSync(resolve(cwd, file), message ?? '');
    return null;
  } catch (error) {
    return `cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`;
  }
};

/** Says the words and waits for the end of their turn. A refusal is a usage error: nothing was begun. */
const runTurn = async (
  session: Session,
  words: {
    readonly text: string;
    readonly images: readonly string[];
    readonly outputSchema: Record<string, unknown> | undefined;
  },
  stop: AbortSignal,
): Promise<Ending | string> => {
  const ended = firstValueFrom(
    session.events.pipe(
      filter((event) => isTurnEnding(event)),
      map((event): Ending => event),
    ),
    { defaultValue: null },
  );
  const { text, images, outputSchema } = words;
  const reply = await session.submit({
    type: 'op.say',
    id: randomUUID(),
    text,
    ...(images.length > 0 && { images }),
    ...(outputSchema !== undefined && { outputSchema }),
  });
  if (reply.kind === 'refused') return reply.message;
  const interrupt = () => void session.submit({ type: 'op.interrupt', id: randomUUID() });
  if (stop.aborted) interrupt();
  else stop.addEventListener('abort', interrupt, { once: true });
  return (await ended) ?? 'the session ended before the turn did';
};

export const createExec =
  (open: OpenSession): Mode =>
  async ({ flags, operands }, surroundings) => {
    const { streams, cwd, env, version, stop } = surroundings;
    if (flags.printSchema) {
      const { linesAsJsonSchema } = await import('./json-schema.ts');
      streams.out(`${JSON.stringify(linesAsJsonSchema(), null, 2)}\n`);
      return EXIT.done;
    }
    void preloadRuntime();
    const { prompt, resume } = await readOperands(flags, operands, surroundings);
    const images = imagesOf(flags, cwd);
    const schema = flags.outputSchema === undefined ? undefined : readSchema(resolve(cwd, flags.outputSchema));
    const validate: Validator =
      schema === undefined ? () => null : await compileSchema(schema, flags.outputSchema ?? '');
    const config = await resolveConfig({ flags, env, cwd, version, isAttended: false });
    for (const warning of config.warnings) streams.err(`turnstile: warning: ${warning}\n`);
    const text = await readPrompt(prompt, streams, { hasImages: images.length > 0 });
    if (stop.aborted) return exitCodeOfSignal(String(stop.reason));

    const reporter = createReporter(flags, surroundings);
    const say = (told: string) => streams.err(`${told}\n`);
    const there = flags.remote === undefined ? open : (await import('./remote.ts')).openAt(flags.remote, flags, env);
    const opening = flags.inspect
      ? (await import('./inspect-live.ts')).inspected(there, { isControl: flags.control === true, say })
      : there;
    await using session = await opening(config.runtime, { resume });
    reporter.open(session.id);
    let refusals = 0;
    let hasSandbox = true;
    const facts = session.events
      .pipe(
        filter((event) => !isDelta(event)),
        tap((event) => {
          if (event.type === 'session.configured') hasSandbox = event.sandbox.backend !== 'none';
          if (event.type === 'call.finished' && event.status === 'declined') refusals += 1;
        }),
      )
      .subscribe((event) => reporter.report(event));
    const refusing = refuseAll(session);
    surroundings.beforeExit(() => reporter.cut());

    const ending = await runTurn(session, { text, images, outputSchema: schema }, stop);
    refusing.unsubscribe();
    await session.close();
    facts.unsubscribe();
    reporter.cut();
    if (typeof ending === 'string') {
      reporter.fail(ending);
      return stop.aborted ? exitCodeOfSignal(String(stop.reason)) : EXIT.failed;
    }

    const message = ending.type === 'turn.completed' ? ending.lastAgentMessage : null;
    const unsaved = flags.lastMessage === undefined ? null : saveLastMessage(flags.lastMessage, cwd, message);
    const mismatch = ending.type === 'turn.completed' ? validate(message ?? '') : null;
    for (const problem of [unsaved, mismatch]) if (problem !== null) reporter.fail(problem);

    const code = exitCodeOf(ending, stop.aborted ? String(stop.reason) : null);
    if (code !== EXIT.done) return code;
    if (mismatch !== null) return EXIT.schema;
    // Not one refused action but a machine on which none can run: whoever scripts this must see it.
    if (!hasSandbox && refusals > 0) return EXIT.sandbox;
    if (flags.failOnRefusal && refusals > 0) return EXIT.approval;
    return unsaved === null ? EXIT.done : EXIT.failed;
  };

export const run: Mode = createExec(openSession);
