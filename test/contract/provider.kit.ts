/** What the provider suites share: a request, a configuration, and a sample written down event by event. */
import { Subscription } from 'rxjs';
import { expect } from 'vitest';
import type { Delta, Item, RuntimeError } from '../../machines/protocol/index.ts';
import type { Milestone, Provider, ProviderConfig, SampleRequest, ToolSpec } from '../../actors/providers/provider.ts';

export const HTTP_WIRES = ['responses', 'chat', 'anthropic'] as const;
export type HttpWire = (typeof HTTP_WIRES)[number];

export const SHELL: ToolSpec = {
  name: 'shell',
  description: 'Runs a command.',
  parameters: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
};
export const PATCH: ToolSpec = {
  name: 'apply_patch',
  description: 'Changes files.',
  parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
};

export const config = (
  wire: ProviderConfig['wire'],
  baseUrl: string,
  more: Partial<ProviderConfig> = {},
): ProviderConfig => ({
  id: 'tested',
  wire,
  baseUrl,
  apiKey: 'sk-test',
  envKey: 'TESTED_API_KEY',
  headers: {},
  query: {},
  idleTimeoutMs: 10_000,
  ...more,
});

export const user = (text: string): Item => ({ type: 'user', text });

export const request = (items: readonly Item[], more: Partial<SampleRequest> = {}): SampleRequest => ({
  turnId: 'turn-1',
  threadId: 'thread-1',
  model: 'gpt-5',
  instructions: 'You are tested.',
  items,
  tools: [SHELL, PATCH],
  parallelTools: true,
  ...more,
});

export type Heard = readonly (Delta | Milestone)[];

/** Everything that a sample says; rejects if the observable errors, which it never may. */
export const hear = (provider: Provider, asked: SampleRequest): Promise<Heard> =>
  new Promise((resolve, reject) => {
    const heard: (Delta | Milestone)[] = [];
    provider
      .sample(asked)
      .subscribe({ next: (event) => heard.push(event), complete: () => resolve(heard), error: reject });
  });

/** Subscribes and hands over the subscription, and the events as they come. */
export const listen = (provider: Provider, asked: SampleRequest) => {
  const heard: (Delta | Milestone)[] = [];
  const waiting: { readonly type: string; readonly resolve: () => void }[] = [];
  const subscription = new Subscription();
  const heardOf = (type: string) =>
    heard.some((event) => event.type === type)
      ? Promise.resolve()
      : new Promise<void>((resolve) => waiting.push({ type, resolve }));
  subscription.add(
    provider.sample(asked).subscribe({
      next: (event) => {
        heard.push(event);
        for (const { type, resolve } of waiting) if (type === event.type) resolve();
      },
    }),
  );
  return { heard, heardOf, subscription };
};

/** Milestones without what differs from request to request (ids of calls) and what only some wires have (seals). */
export const told = (heard: Heard): readonly unknown[] => {
  let calls = 0;
  return heard
    .filter((event): event is Milestone => event.type.startsWith('sample.'))
    .map((event) => {
      if (event.type !== 'sample.item' || event.item.type === 'agent') return event;
      if (event.item.type === 'reasoning') return { ...event, item: { type: 'reasoning', text: event.item.text } };
      return { ...event, item: { ...event.item, callId: `call ${++calls}` } };
    });
};

export const saidOf = (heard: Heard, type: Delta['type']): string =>
  heard.map((event) => (event.type === type && 'text' in event ? event.text : '')).join('');

/** The promises of the contract that hold whatever happened. */
export const expectGood = (heard: Heard): void => {
  const endings = heard.filter(({ type }) => type === 'sample.completed' || type === 'sample.failed');
  expect(endings).toHaveLength(1);
  expect(heard.at(-1)).toBe(endings[0]);
  expect(heard.filter(({ type }) => type === 'sample.opened').length).toBeLessThanOrEqual(1);
  const first = heard.findIndex(({ type }) => type === 'sample.opened');
  expect(first).toBeLessThanOrEqual(0);
};

export const failureOf = (heard: Heard): RuntimeError => {
  const last = heard.at(-1);
  if (last?.type !== 'sample.failed') throw new Error(`it did not fail: ${JSON.stringify(last)}`);
  return last.error;
};
