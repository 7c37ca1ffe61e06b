/** The chat: a session, and the front end that fits the terminal. `resume` and `fork` begin with a saved one. */
import { resolve } from 'node:path';
import { statSync } from 'node:fs';
import type { OpenOptions, Session } from '../actors/contract.ts';
import { greeting, sandboxWarning } from './chat/greeting.ts';
import type { FrontEnd } from './chat/plain.ts';
import { createTalk } from './chat/talk.ts';
import { resolveConfig, type Resolved } from './config.ts';
import { countOf } from './count.ts';
import { EXIT, exitCodeOfSignal } from './exit-code.ts';
import { UsageError, type Invocation, type Mode, type Surroundings } from './mode.ts';
import { openSession, preloadRuntime, type OpenSession } from './open.ts';
import { choosePaint } from './render/paint.ts';
import { newestSession, savedSessions, sessionChoices, sessionNamed } from './saved.ts';

/** Rows of the list to choose from; typed words look through all of them. */
const LISTED_SESSIONS = 1_000;

const savedFile = async (
  { command, flags, operands }: Invocation,
  home: string,
  cwd: string,
  { streams, env }: Surroundings,
): Promise<string> => {
  const [word] = operands;
  const place = { home, cwd, isAll: flags.all === true };
  if (word !== undefined) return sessionNamed(home, cwd, word);
  if (flags.last || command.name === 'fork') return newestSession(place);
  const saved = await savedSessions(place, LISTED_SESSIONS);
  if (saved.length === 0) return newestSession(place); // which says that there is none
  const { pickOne } = await import('./chat/pick.ts');
  const at = await pickOne('resume which session?', sessionChoices(saved, Date.now()), streams, env);
  return saved[at]?.file ?? newestSession(place);
};

const optionsOf = async (
  invocation: Invocation,
  home: string,
  cwd: string,
  surroundings: Surroundings,
): Promise<OpenOptions> => {
  const file = () => savedFile(invocation, home, cwd, surroundings);
  switch (invocation.command.name) {
    case 'resume':
      return { resume: { file: await file(), takesOver: invocation.flags.takeOver === true } };
    case 'fork':
      return { fork: { file: await file(), ...beforeOf(invocation) } };
    default:
      return {};
  }
};

const beforeOf = ({ flags }: Invocation): { readonly beforeUserMessage?: number } => {
  const beforeUserMessage = countOf('--before', flags.before);
  return beforeUserMessage === undefined ? {} : { beforeUserMessage };
};

const imagesOf = (paths: readonly string[] | undefined, cwd: string): readonly string[] =>
  (paths ?? []).map((given) => {
    const path = resolve(cwd, given);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`--image: there is no file ${path}`);
    return path;
  });

/** Painted where both ends are a terminal that can be painted on; else in lines. */
const frontEnd = async (
  surroundings: Surroundings,
  { runtime: config, layers }: Resolved,
  isPlain: boolean,
): Promise<FrontEnd> => {
  const { streams, env } = surroundings;
  const canPaint = !isPlain && streams.isInTty && streams.isOutTty && env['TERM'] !== 'dumb';
  const paint = choosePaint(isPlain ? 'never' : 'auto', streams.isOutTty, env);
  if (!canPaint) return (await import('./chat/plain.ts')).createPlain(surroundings, paint);
  const [{ createRich }, { openPrompts }, { loadKeymap }] = await Promise.all([
    import('./chat/rich.ts'),
    import('./chat/prompts.ts'),
    import('./chat/keymap-file.ts'),
  ]);
  const { keymap, problems } = await loadKeymap(config.home);
  const screen = createRich({
    surroundings,
    config,
    paint,
    prompts: openPrompts(config, layers.config.history, env),
    keymap,
  });
  screen.show(
    problems.map((text) => ({ kind: 'notice', tone: 'warn', text })),
    null,
  );
  return screen;
};

export const createChat =
  (open: OpenSession): Mode =>
  async (invocation, surroundings) => {
    const { flags, operands, command } = invocation;
    const { env, version, stop } = surroundings;
    void preloadRuntime();
    const resolved = await resolveConfig({
      flags,
      env,
      cwd: surroundings.cwd,
      version,
      isAttended: true,
    });
    const { runtime: config, warnings } = resolved;
    const options = await optionsOf(invocation, config.home, config.cwd, surroundings);
    const images = imagesOf(flags.image, surroundings.cwd);
    const prompt = command.name === 'chat' ? operands[0] : operands[1];

    const screen = await frontEnd(surroundings, resolved, flags.plain === true);
    const say = (text: string) => screen.show([{ kind: 'notice', tone: 'plain', text }], null);
    const opener = flags.inspect
      ? (await import('./inspect-live.ts')).inspected(open, { isControl: flags.control === true, say })
      : open;
    const opening = (what: OpenOptions): Promise<Session> => opener(config, what);
    const first = await opening(options);
    screen.show(greeting(config), null);
    screen.show(
      warnings.map((text) => ({ kind: 'notice', tone: 'warn', text })),
      null,
    );
    const talk = createTalk({
      config,
      first,
      open: opening,
      pick: screen.pick,
      show: (cells, happening) => {
        const also = happening?.type === 'session.configured' ? sandboxWarning(config, happening) : [];
        screen.show([...also, ...cells], happening);
      },
      now: Date.now,
    });
    try {
      if (prompt !== undefined) void talk.mean({ kind: 'words', text: prompt }, images);
      await screen.run(talk);
    } finally {
      await talk.close();
    }
    return stop.aborted ? exitCodeOfSignal(String(stop.reason)) : EXIT.done;
  };

export const run: Mode = createChat(openSession);
