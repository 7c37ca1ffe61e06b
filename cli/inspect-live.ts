/** `--inspect`: the inspector of a session that runs in this process, for as long as it runs. */
import type { OpenSession } from './open.ts';
import { forkOf } from './fork-here.ts';
import { actingOn, startInspector } from './inspector.ts';

export interface LiveOptions {
  /** The page may answer questions and interrupt; otherwise it only looks. */
  readonly isControl: boolean;
  /** Tells the person where the page is. */
  readonly say: (text: string) => void;
}

export const inspected =
  (open: OpenSession, { isControl, say }: LiveOptions): OpenSession =>
  async (config, options) => {
    const session = await open(config, options);
    const { journal } = session;
    if (journal === null) {
      say('--inspect: a session without a journal cannot be looked at');
      return session;
    }
    const server = await startInspector({
      home: config.home,
      file: journal,
      port: 0,
      control: isControl ? { ...actingOn(session), fork: forkOf(config, journal) } : null,
      now: Date.now,
    }).catch(async (error: unknown) => {
      await session.close();
      throw error;
    });
    say(`inspector: ${server.address()} (works once, within a minute)`);
    if (isControl) say(`this one may act: ${server.address('act')}`);
    const close = async (): Promise<void> => {
      await session.close();
      await server.close();
    };
    return { ...session, close, [Symbol.asyncDispose]: close };
  };
