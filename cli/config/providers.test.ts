import { describe, expect, it } from 'vitest';
import { chooseProvider } from './providers.ts';

const KEY = { OPENAI_API_KEY: 'k' };

describe('a provider that cannot be used is a sentence with the key and its value', () => {
  it.each(['nonsense', 'ftp://host/v1', 'http://', '127.0.0.1:8080/v1'])('base_url %s', (url) => {
    expect(chooseProvider({ openai_base_url: url }, KEY, undefined)).toContain(`openai_base_url is "${url}"`);
    expect(chooseProvider({}, { ...KEY, OPENAI_BASE_URL: url }, undefined)).toContain(`OPENAI_BASE_URL is "${url}"`);
    const own = { model: 'm', model_provider: 'mine', model_providers: { mine: { base_url: url } } };
    expect(chooseProvider(own, {}, undefined)).toContain(`model_providers.mine.base_url is "${url}"`);
  });

  it('names what is missing, or was mistyped', () => {
    expect(chooseProvider({ model_provider: 'antropic' }, {}, undefined)).toContain('did you mean anthropic?');
    const own = { model_provider: 'mine', model_providers: { mine: {} } };
    expect(chooseProvider(own, {}, undefined)).toBe('model_providers.mine.base_url is missing');
    const unnamed = { model_provider: 'mine', model_providers: { mine: { base_url: 'http://h/v1' } } };
    expect(chooseProvider(unnamed, {}, undefined)).toContain('set model, or use --model');
  });
});

describe('what the operator says wins over the catalogue', () => {
  it('the window', () => {
    expect(chooseProvider({ model: 'gpt-5' }, KEY, undefined)).toMatchObject({ windowSize: 272_000 });
    expect(chooseProvider({ model: 'gpt-5', model_context_window: 9_000 }, KEY, undefined)).toMatchObject({
      windowSize: 9_000,
    });
  });

  it('a local server needs one URL and the name of a model', () => {
    for (const port of [11434, 1234, 8080, 8000]) {
      const local = { base_url: `http://127.0.0.1:${port}/v1`, wire_api: 'chat' } as const;
      const chosen = chooseProvider({ model: 'm', model_provider: 'local', model_providers: { local } }, {}, undefined);
      expect(chosen).toMatchObject({
        provider: { id: 'local', wire: 'chat', baseUrl: local.base_url, apiKey: null, envKey: null },
        windowSize: 128_000,
      });
    }
  });
});
