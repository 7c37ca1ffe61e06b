/** Hand-made stand-ins at the border of the program: a session that plays a story, and streams that remember. */
import { Subject } from 'rxjs';
import type { Session } from '../../actors/contract.ts';
import type { Mode } from '../../cli/mode.ts';
import type { CommandSpec } from '../../cli/commands.ts';
import type { Flags } from '../../cli/flags.ts';
import type { Delta, Op, RuntimeEvent, Stamped } from '../../machines/protocol/index.ts';
import { Readable } from 'node:stream';

export const AT = Date.UTC(2026, 0, 2, 3, 4, 5);

export interface FakeSession extends Session {
  readonly ops: readonly Op[];
  emit(...events: readonly (RuntimeEvent | Delta)[]): void;
}

/** `answer` says what happens after an op was accepted; it runs in a later task, as everything does. */
export const createFakeSession = (answer: (op: Op, session: FakeSession) => void): FakeSession => {
  const events = new Subject<Stamped<RuntimeEvent | Delta>>();
  const ops: Op[] = [];
  let seq = 0;
  const session: FakeSession = {
    id: 'fake-1',
    journal: null,
    ops,
    events,
    emit: (...told) => {
      for (const event of told) events.next({ ...event, seq: (seq += 1), at: AT });
    },
    submit: async (op) => {
      ops.push(op);
      setImmediate(() => answer(op, session));
      return { kind: 'accepted', opId: op.id };
    },
    can: () => null,
    view: () => ({ state: 'idle', turnId: null, history: [], grants: [], queued: [] }),
    close: async () => {
      session.emit({ type: 'session.closed' });
      events.complete();
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  return session;
};

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a mode as main would, with everything it says kept. */
export const runMode = async (
  mode: Mode,
  {
    flags = {},
    operands = [],
    stdin = '',
    isInTty = false,
    env = {},
    cwd = process.cwd(),
    stop = new AbortController().signal,
  }: {
    readonly flags?: Flags;
    readonly operands?: readonly string[];
    readonly stdin?: string;
    readonly isInTty?: boolean;
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly stop?: AbortSignal;
  },
): Promise<Ran> => {
  const said = { out: '', err: '' };
  const command: CommandSpec = {
    name: 'test',
    operands: '',
    maxOperands: 9,
    summary: '',
    flags: [],
    load: async () => ({ run: mode }),
  };
  const code = await mode(
    { command, flags, operands },
    {
      version: '0.0.0',
      env,
      cwd,
      stop,
      beforeExit: () => undefined,
      takeInterrupts: () => () => undefined,
      streams: {
        out: (text) => void (said.out += text),
        err: (text) => void (said.err += text),
        isOutTty: false,
        isErrTty: false,
        isInTty,
        stdin: Readable.from(stdin === '' ? [] : [stdin]) as NodeJS.ReadStream,
        stdout: process.stdout,
        flush: async () => undefined,
      },
    },
  );
  return { code, ...said };
};
