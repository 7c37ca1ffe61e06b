/** The one place where a mode gets a session. The runtime is loaded here, and only when it is needed. */
import type { OpenOptions, Runtime, RuntimeConfig, Session } from '../actors/contract.ts';

export type OpenSession = (config: RuntimeConfig, options: OpenOptions) => Promise<Session & AsyncDisposable>;

/** Starts to load what every session needs, while something else is still being read. */
export const preloadRuntime = (): Promise<{ readonly createRuntime: (config: RuntimeConfig) => Runtime }> => {
  const loading = import('../actors/runtime.ts');
  loading.catch(() => undefined); // told where it is awaited
  return loading;
};

export const openSession: OpenSession = async (config, options) => {
  const { createRuntime } = await preloadRuntime();
  return createRuntime(config).open(options);
};
