/** The one place where a mode gets a session. The runtime is loaded here, and only when it is needed. */
import type { OpenOptions, Runtime, RuntimeConfig, Session } from '../actors/contract.ts';
import { UsageError } from './mode.ts';

export type OpenSession = (config: RuntimeConfig, options: OpenOptions) => Promise<Session>;

/** Starts to load what every session needs, while something else is still being read. */
export const preloadRuntime = (): Promise<{ readonly createRuntime: (config: RuntimeConfig) => Runtime }> => {
  const loading = import('../actors/runtime.ts');
  loading.catch(() => undefined); // told where it is awaited
  return loading;
};

export const openSession: OpenSession = async (config, options) => {
  const { createRuntime } = await preloadRuntime();
  const runtime = createRuntime(config);
  const session = await runtime.open(options).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'CannotOpen') throw new UsageError(error.message);
    throw error;
  });
  // One session a runtime: whoever closes the one wants nothing left of the other.
  const close = async (): Promise<void> => {
    await session.close();
    await runtime[Symbol.asyncDispose]();
  };
  return { ...session, close, [Symbol.asyncDispose]: close };
};
