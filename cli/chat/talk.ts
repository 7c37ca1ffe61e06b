/**
 * The chat without a screen: it turns what the user means into ops, and facts into cells. Every front end sits on this.
 * It owns the session, also when /new replaces it.
 */
import { randomUUID } from 'node:crypto';
import type { OpenOptions, Reply, RuntimeConfig, Session } from '../../actors/contract.ts';
import type { Decision, Op } from '../../machines/protocol/index.ts';
import { permissionLines, processLines, statusLines } from './answers.ts';
import { stopOp } from './background.ts';
import type { Cell, Tone } from './cells.ts';
import { group } from './explored.ts';
import { imagesIn } from './images.ts';
import type { Meant } from './input.ts';
import type { Choice } from '../render/pick.ts';
import { rewindOf } from './rewound.ts';
import { hookLines, serverLines } from './servers.ts';
import { slashHelp, type SlashName } from './slash.ts';
import { messagesOf, savedChoices } from './elsewhere.ts';
import { happen, newView, type ChatView, type Happening, type Pending } from './view.ts';

export interface Talk {
  view(): ChatView;
  session(): Session;
  /** Why this cannot be done now; null: it can. Asked of the machine, not guessed. */
  refusal(name: SlashName): string | null;
  /** Does what a line means. Words go to the turn that runs, if one does, else they begin one. */
  mean(meant: Meant, images?: readonly string[]): Promise<Reply | null>;
  queue(text: string): void;
  decide(pending: Pending, decision: Decision): void;
  interrupt(): void;
  tookReturned(): void;
  /** Resolves when the user wants to leave. */
  readonly left: Promise<void>;
  leave(): void;
  close(): Promise<void>;
}

/** Lets the user choose; null: nothing was chosen. */
export type Pick = (title: string, choices: readonly Choice[]) => Promise<number | null>;

export interface TalkOptions {
  readonly config: RuntimeConfig;
  readonly first: Session;
  readonly open: (options: OpenOptions) => Promise<Session>;
  /** Null: this front end has no lists. */
  readonly pick: Pick | null;
  /** Called after each happening with what became final. */
  readonly show: (cells: readonly Cell[], happening: Happening | null) => void;
  readonly now: () => number;
}

export const createTalk = ({ config, first, open, pick, show, now }: TalkOptions): Talk => {
  let view = newView;
  let session = first;
  const leaving = Promise.withResolvers<void>();

  let held: Parameters<typeof group>[0] = [];
  const take = (happening: Happening): void => {
    const [next, cells] = happen(view, happening);
    view = next;
    const [holding, told] = group(held, cells, happening);
    held = holding;
    show(told, happening);
  };
  const listen = (to: Session) => to.events.subscribe((event) => take(event));
  let listening = listen(session);

  const say = (tone: Tone, lines: readonly string[] | string): void =>
    show([{ kind: 'notice', tone, text: typeof lines === 'string' ? lines : lines.join('\n') }], null);

  /** The fact `op.refused` is what the user reads; the reply is only awaited so that nothing is lost unheard. */
  const submit = (op: Op): Promise<Reply | null> =>
    session.submit(op).catch((error: unknown) => {
      say('bad', error instanceof Error ? error.message : String(error));
      return null;
    });
  const id = randomUUID;

  const words = (text: string, images: readonly string[] | undefined, policy: 'boundary' | 'preempt') => {
    const carried = images === undefined || images.length === 0 ? {} : { images };
    const { phase, turnId } = view;
    if (turnId === null || phase === 'idle') return submit({ type: 'op.say', id: id(), text, ...carried });
    if (phase === 'aborting') return submit({ type: 'op.queue', id: id(), text, ...carried });
    return submit({ type: 'op.steer', id: id(), turnId, text, policy, ...carried });
  };

  const goOver = async (options: OpenOptions, words: string, draft?: string): Promise<void> => {
    const old = session;
    const next = await open(options);
    listening.unsubscribe();
    view = newView;
    session = next;
    listening = listen(session);
    say('dim', `${words} ${session.id}`);
    if (draft !== undefined) take({ type: 'ui.gaveBack', text: draft });
    await old.close();
  };
  const goElsewhere = (options: OpenOptions, words: string, draft?: string): void => {
    if (view.turnId !== null) return say('warn', 'a turn runs; /interrupt it first');
    goOver(options, words, draft).catch((error: unknown) =>
      say('bad', error instanceof Error ? error.message : String(error)),
    );
  };
  const resumeAnother = async (): Promise<void> => {
    const { files, choices } = await savedChoices(config, session.id, now());
    if (choices.length === 0) return say('dim', 'there is no other session of this folder');
    if (pick === null)
      return say(
        'plain',
        choices.map(({ label }) => `  ${label}`),
      );
    const file = files[(await pick('go on with which session?', choices)) ?? -1];
    if (file !== undefined) goElsewhere({ resume: { file } }, 'this is now session');
  };
  const fork = async (): Promise<void> => {
    const file = session.journal;
    if (file === null) return say('warn', 'a session without a journal cannot be copied');
    if (pick === null) return goElsewhere({ fork: { file } }, 'this is now a copy, session');
    const messages = messagesOf(session.view().history);
    const at = await pick('a copy that ends before which of your words?', [
      ...messages.map(({ choice }) => choice),
      { label: '(the whole conversation)', detail: 'nothing is left out' },
    ]);
    if (at === null) return;
    const chosen = messages[at];
    goElsewhere(
      { fork: { file, ...(chosen !== undefined && { beforeUserMessage: chosen.index }) } },
      'this is now a copy, session',
      chosen?.text,
    );
  };
  /** Newest first: the first takes back one turn. */
  const chooseRewind = async (choose: Pick, files: boolean): Promise<void> => {
    const messages = messagesOf(session.view().history).toReversed();
    if (messages.length === 0) return say('dim', 'there is nothing to take back');
    const at = await choose(
      files ? 'go back, with the files, to before which of your words?' : 'go back to before which of your words?',
      messages.map(({ choice }) => choice),
    );
    if (at === null) return;
    const reply = await submit({ type: 'op.rewind', id: id(), turns: at + 1, ...(files && { files }) });
    if (reply?.kind === 'accepted') take({ type: 'ui.gaveBack', text: messages[at]?.text ?? '' });
  };

  const interrupt = (): void => {
    if (view.turnId === null) {
      if (view.queued.length === 0) return say('dim', 'nothing runs');
      return void submit({ type: 'op.interrupt', id: id() });
    }
    void submit({ type: 'op.interrupt', id: id(), turnId: view.turnId });
    take({ type: 'ui.interrupted', at: now() });
  };

  const slash: { readonly [name in SlashName]: (rest: string) => Promise<Reply | null> | void } = {
    help: () => say('plain', slashHelp(refusal)),
    status: () => say('plain', statusLines(view, config, session)),
    permissions: () => say('plain', permissionLines(config, session.view().grants)),
    plan: () =>
      view.plan.length === 0
        ? say('dim', '  there is no plan')
        : show([{ kind: 'plan', steps: view.plan, explanation: null }], null),
    ps: () => say('plain', processLines(view, now())),
    mcp: () => say('plain', serverLines(view.servers, config)),
    hooks: () => say('plain', hookLines(config)),
    diff: () => say('plain', view.diff === '' ? '  this turn changed nothing' : view.diff),
    queue: (rest) =>
      rest.trim() === '' ? say('warn', '/queue TEXT') : submit({ type: 'op.queue', id: id(), text: rest }),
    steer: (rest) => (rest.trim() === '' ? say('warn', '/steer TEXT') : words(rest, undefined, 'preempt')),
    stop: (rest) => {
      const op = stopOp(view.terminals, rest, id());
      return op === null ? interrupt() : submit(op);
    },
    interrupt,
    compact: () => submit({ type: 'op.compact', id: id() }),
    review: (rest) => submit({ type: 'op.review', id: id(), target: rest.trim() }),
    rewind: (rest) => {
      const meant = rewindOf(rest);
      if (meant === null)
        return say('warn', '/rewind [TURNS] [files]: a number, 1 or more; `files`: also what was changed');
      const { turns, files } = meant;
      if (turns === null && pick !== null) return void chooseRewind(pick, files);
      return submit({ type: 'op.rewind', id: id(), turns: turns ?? 1, ...(files && { files }) });
    },
    new: () => goElsewhere({}, 'new session'),
    resume: () => void resumeAnother(),
    fork: () => void fork(),
    quit: () => leaving.resolve(),
  };

  /** The op that a command comes to, as far as it decides whether it is taken. */
  const opOf = (name: SlashName): Op | null => {
    const turnId = view.turnId ?? 'none';
    switch (name) {
      case 'compact':
        return { type: 'op.compact', id: 'can' };
      case 'review':
        return { type: 'op.review', id: 'can', target: 'can' };
      case 'rewind':
        return { type: 'op.rewind', id: 'can', turns: 1 };
      case 'queue':
        return { type: 'op.queue', id: 'can', text: 'can' };
      case 'steer':
        return { type: 'op.steer', id: 'can', turnId, text: 'can' };
      case 'stop':
        return stopOp(view.terminals, '', 'can') ?? { type: 'op.interrupt', id: 'can', turnId };
      case 'interrupt':
        return { type: 'op.interrupt', id: 'can', turnId };
      default:
        return null;
    }
  };
  const refusal = (name: SlashName): string | null => {
    const op = opOf(name);
    return op === null ? null : session.can(op);
  };

  return {
    view: () => view,
    session: () => session,
    refusal,
    mean: async (meant, images) => {
      switch (meant.kind) {
        case 'nothing':
          return null;
        case 'unknown':
          say('warn', meant.message);
          return null;
        case 'shell':
          return submit({
            type: 'op.shell',
            id: id(),
            command: meant.command,
            ...(meant.isHidden && { hidden: true }),
          });
        case 'slash':
          return (await slash[meant.name](meant.rest)) ?? null;
        case 'words':
          return words(meant.text, images ?? imagesIn(meant.text, config.cwd), 'boundary');
      }
    },
    queue: (text) => void submit({ type: 'op.queue', id: id(), text }),
    decide: ({ approvalId, question: { planHash } }, decision) =>
      void submit({ type: 'op.decide', id: id(), approvalId, decision, planHash, source: 'chat' }),
    interrupt,
    tookReturned: () => take({ type: 'ui.tookReturned' }),
    left: leaving.promise,
    leave: () => leaving.resolve(),
    close: async () => {
      await session.close();
      listening.unsubscribe();
    },
  };
};
