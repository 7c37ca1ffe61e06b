/** The one place where a mode gets a session. The runtime is loaded here, and only when it is needed. */
import type { OpenOptions, Runtime, RuntimeConfig, Session } from '../actors/contract.ts';
import { Observable } from 'rxjs';
import type { Delta, RuntimeEvent, Stamped } from '../machines/protocol/index.ts';
import { UsageError } from './mode.ts';

export type OpenSession = (config: RuntimeConfig, options: OpenOptions) => Promise<Session>;

/** Starts to load what every session needs, while something else is still being read. */
export const preloadRuntime = (): Promise<{ readonly createRuntime: (config: RuntimeConfig) => Runtime }> => {
  const loading = import('../actors/runtime.ts');
  loading.catch(() => undefined); // told where it is awaited
  return loading;
};

/**
 * Facts are hot, and the first ones come while the session is still being handed over. They are kept for whoever
 * subscribes first, so that nobody misses how the session is configured or what it warned of.
 */
const keepEarly = (events: Session['events']): Session['events'] => {
  const early: Stamped<RuntimeEvent | Delta>[] = [];
  const keeping = events.subscribe((event) => early.push(event));
  return new Observable((subscriber) => {
    keeping.unsubscribe();
    for (const event of early.splice(0)) subscriber.next(event);
    return events.subscribe(subscriber);
  });
};

export const openSession: OpenSession = async (config, options) => {
  const { createRuntime } = await preloadRuntime();
  const runtime = createRuntime(config);
  const [session, events] = await runtime.open(options).then(
    (opened) => [opened, keepEarly(opened.events)] as const, // in this very step: the next one may be too late
    (error: unknown) => {
      if (error instanceof Error && error.name === 'CannotOpen') throw new UsageError(error.message);
      throw error;
    },
  );
  // One session a runtime: whoever closes the one wants nothing left of the other.
  const close = async (): Promise<void> => {
    await session.close();
    await runtime[Symbol.asyncDispose]();
  };
  return { ...session, events, close, [Symbol.asyncDispose]: close };
};
