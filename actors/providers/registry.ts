/** The providers, by wire: one line each, loaded when used. */
import type { Provider, ProviderConfig } from './provider.ts';
import type { ProviderDeps } from './stream.ts';

type Create = (config: ProviderConfig, deps: ProviderDeps) => Provider | Promise<Provider>;

const WIRES: { readonly [wire in ProviderConfig['wire']]: () => Promise<Create> } = {
  responses: async () => (await import('./responses.provider.ts')).createResponsesProvider,
  chat: async () => (await import('./chat.provider.ts')).createChatProvider,
  anthropic: async () => (await import('./anthropic.provider.ts')).createAnthropicProvider,
  rehearsal: async () => (await import('./rehearsal.provider.ts')).createRehearsalProvider,
};

/** Rejects only where the configuration itself cannot be used: a URL that is none, a script that cannot be read. */
export const createProvider = async (config: ProviderConfig, deps: ProviderDeps = {}): Promise<Provider> => {
  const create = await WIRES[config.wire]();
  return create(config, deps);
};
