/** Where a session comes from: nowhere, its own journal, or that of another; and where its journal goes. */
import type { Remembered, SessionInput } from '../machines/session.contract.ts';
import type { Steered } from '../machines/tasks/contract.ts';
import type { Gone } from '../machines/terminal.words.ts';
import { newAccounting } from '../machines/protocol/usage.ts';
import type { RuntimeEvent } from '../machines/protocol/index.ts';
import type { OpenOptions, RuntimeConfig } from './contract.ts';
import { pointsOf } from './hooks/words.ts';
import type { Asks, Closing } from './journal/closing.ts';
import type { Folded, Lost, NotBefore, Owed } from './journal/fold.ts';
import type { Journal } from './journal/writer.ts';
import type { Reopened } from './log/origin.ts';

export interface Origin {
  readonly id: string;
  readonly remembered: Remembered | null;
  readonly journal: Journal | null;
  readonly notices: readonly string[];
  /** What it said in former lives. */
  readonly former: readonly RuntimeEvent[];
  /** When the model's server may be asked again, as it said in a former life. */
  readonly notBefore: NotBefore | null;
}

const goneWith = (gone: readonly Gone[]): Pick<Remembered, 'gone'> =>
  gone.length === 0 ? {} : { gone: gone.map(({ terminalId, what }) => ({ terminalId, what })) };
/** Of a fork that begins earlier: not those that only what was left out had begun. */
const knownTo = (leftOut: Remembered['history'], { gone, terminals }: Folded): readonly Lost[] =>
  [...gone, ...terminals].filter(
    ({ callId }) => !leftOut.some((item) => item.type === 'call' && item.callId === callId),
  );
const steered = ({ inputId, text, images }: Owed): Steered => ({
  ...{ inputId, text },
  ...(images === undefined ? {} : { images }),
});

/** Questions are asked again where somebody may be asked. */
export const asksOf = (born: Pick<SessionInput, 'settings' | 'approvalPolicy'>): Asks =>
  born.settings.isAttended && born.approvalPolicy !== 'never' ? 'again' : 'never';

const queueOf = ({ queued }: Folded): Pick<Remembered, 'queue'> => {
  const queue = queued.filter(({ turnId }) => turnId === null).map(steered);
  return queue.length === 0 ? {} : { queue };
};

/** What a session goes on with after the loss or the end of the process that had it. */
export const rememberedOf = (folded: Folded, closing: Closing, windowSize: number): Remembered => ({
  history: [...folded.history, ...closing.items],
  accounting: folded.accounting ?? newAccounting(windowSize),
  grants: folded.grants,
  turns: folded.turns + closing.turns,
  undelivered: folded.queued.filter(({ turnId }) => turnId !== null).map(steered),
  ...queueOf(folded),
  ...(closing.continues === null ? {} : { continues: closing.continues }),
  ...goneWith([...folded.gone, ...folded.terminals]),
});

/** What a session machine is given at birth, without what it remembers. */
export const bornWith = (
  config: RuntimeConfig,
  threadId: string,
  outputSchema: OpenOptions['outputSchema'],
): Omit<SessionInput, 'remembered'> => ({
  threadId,
  cwd: config.cwd,
  model: config.model,
  provider: config.provider.id,
  approvalPolicy: config.approval,
  windowSize: config.windowSize,
  settings: {
    ...{ isAttended: config.isAttended, compactAt: config.compactAt, maxAttempts: config.maxAttempts },
    ...(config.hooks === undefined || config.hooks.length === 0 ? {} : { hooks: pointsOf(config.hooks) }),
  },
  outputSchema,
  ...(config.mcpServers === undefined || config.mcpServers.length === 0
    ? {}
    : { servers: config.mcpServers.map(({ name, startupMs }) => ({ server: name, startupMs })) }),
});

/** A session whose former life was read: it ends there, in the journal, and goes on here. */
/** What the user hears of that nobody told them: it ended when nobody listened. */
const lossInWords = ({ terminals }: Folded): readonly string[] =>
  terminals.length === 0
    ? []
    : [
        `In the background ran, until the process that had it was lost: ${terminals.map(({ what }) => what).join('; ')}`,
      ];

const wentOn = (
  id: string,
  { folded, closing, journal }: Pick<Reopened, 'folded' | 'closing' | 'journal'>,
  windowSize: number,
  notices: readonly string[],
): Origin => {
  for (const fact of closing.facts) journal.append({ kind: 'fact', fact, cause: null });
  const remembered = rememberedOf(folded, closing, windowSize);
  return {
    ...{ id, remembered, journal, notices: [...notices, ...lossInWords(folded)] },
    ...{ former: folded.facts.map(({ fact }) => fact), notBefore: folded.notBefore },
  };
};

/** `runtime.open` rejects with it: the journal that was named cannot be used; the message says why. */
export class CannotOpen extends Error {
  override readonly name = 'CannotOpen';
}

export const openOrigin = async (
  config: RuntimeConfig,
  { resume, fork, outputSchema, leased }: OpenOptions,
  newId: () => string,
  now: () => number,
  onTrouble: (message: string) => void,
  /** Name of a machine → hash of its chart. */
  machines: () => Readonly<Record<string, string>>,
): Promise<Origin> => {
  const { home, cwd, version, model, windowSize } = config;
  const freshId = newId();
  if (!config.keepsJournal && resume === undefined && fork === undefined && leased === undefined)
    return { id: freshId, remembered: null, journal: null, notices: [], former: [], notBefore: null };

  const [{ createRedactor }, { createJournal }] = await Promise.all([
    import('./journal/secrets.ts'),
    import('./journal/writer.ts'),
  ]);
  const head = {
    cwd,
    version,
    node: process.version,
    model,
    provider: config.provider.id,
    machines: machines(),
    approval: config.approval,
    sandbox: config.sandbox,
  };
  const secrets = config.provider.apiKey === null ? [] : [config.provider.apiKey];
  const options = (id: string) => ({
    home,
    head: { ...head, input: bornWith(config, id, outputSchema) },
    now,
    redactor: createRedactor({ env: process.env, secrets, salt: id }),
    onTrouble: (trouble: { readonly kind: string }) =>
      onTrouble(`the journal cannot be written: ${JSON.stringify(trouble)}`),
  });

  if (resume !== undefined) {
    const [{ resumeJournal }, { idOf }, { inWords }] = await Promise.all([
      import('./journal/resume.ts'),
      import('./journal/scan.ts'),
      import('./journal/notice.ts'),
    ]);
    const id = idOf(resume.file);
    const born = bornWith(config, id, outputSchema);
    const takeOver = resume.takesOver === true ? 'always' : 'never';
    const found = resumeJournal({ ...options(id), file: resume.file, takeOver, asks: asksOf(born) });
    if (found.kind === 'heldBy')
      throw new CannotOpen(
        `session ${id} is open elsewhere (process ${found.holder?.pid ?? 'unknown'}); close it first, or take it over with --take-over`,
      );
    if (found.kind === 'unreadable') throw new CannotOpen(`${resume.file} cannot be read: ${found.why}`);
    return wentOn(id, found, windowSize, found.notices.map(inWords));
  }

  if (leased !== undefined) {
    const [{ openLeased }, { inWords }] = await Promise.all([import('./log/origin.ts'), import('./journal/notice.ts')]);
    const { id } = leased.lease;
    const found = openLeased({ ...options(id), leased, asks: asksOf(bornWith(config, id, outputSchema)) });
    if (found.kind === 'new')
      return { id, remembered: null, journal: found.journal, notices: [], former: [], notBefore: null };
    return wentOn(id, found, windowSize, found.notices.map(inWords));
  }

  if (fork !== undefined) {
    const [{ readJournal, blobsOf }, { fold }, { closeOpenTurn }, { forkedHistory }, { idOf }] = await Promise.all([
      import('./journal/reader.ts'),
      import('./journal/fold.ts'),
      import('./journal/closing.ts'),
      import('./journal/fork.ts'),
      import('./journal/scan.ts'),
    ]);
    const { head: parent, records } = readJournal(fork.file, { blobs: blobsOf(home) });
    const folded = fold(parent, records);
    const whole = rememberedOf(folded, closeOpenTurn(folded), windowSize);
    const history = forkedHistory(whole.history, fork.beforeUserMessage);
    const source = { file: fork.file, id: idOf(fork.file), seq: folded.lastSeq };
    const { head: own, ...rest } = options(freshId);
    const { queue: _, gone: __, ...told } = whole; // words that wait are its parent's
    const gone = knownTo(whole.history.slice(history.length), folded);
    const { accounting, grants, turns } = told;
    // The history follows as the first fact; what else came along is nowhere but here.
    const lost = gone.map(({ terminalId, what, callId }) => ({ terminalId, what, callId }));
    const inherited = { accounting, grants, turns, ...(lost.length === 0 ? {} : { gone: lost }) };
    const input = { ...own.input, remembered: inherited };
    const journal = config.keepsJournal
      ? createJournal({ ...rest, id: freshId, head: { ...own, input, parent: source } })
      : null;
    const rewound: RuntimeEvent = { type: 'history.rewound', turns: 0, history };
    journal?.append({ kind: 'fact', fact: rewound, cause: null });
    return {
      ...{ id: freshId, remembered: { ...told, history, undelivered: [], ...goneWith(gone) }, journal },
      ...{ notices: [], former: [], notBefore: null },
    };
  }

  return {
    id: freshId,
    remembered: null,
    journal: createJournal({ ...options(freshId), id: freshId }),
    notices: [],
    former: [],
    notBefore: null,
  };
};
