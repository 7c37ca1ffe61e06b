import { expect, test } from 'vitest';
import { compactAtOf, modelOf, UNKNOWN_MODEL } from './models.ts';

test.each([
  ['gpt-5', 272_000, 'effort'],
  ['openai/gpt-5-codex', 272_000, 'effort'],
  ['gpt-5-chat-latest', 128_000, 'none'],
  ['gpt-4.1-mini', 1_047_576, 'none'],
  ['o4-mini', 200_000, 'effort'],
  ['claude-sonnet-4-5-20250929', 200_000, 'budget'],
  ['claude-opus-4-20250514', 200_000, 'budget'],
  ['claude-opus-4-6', 200_000, 'adaptive'],
  ['us.anthropic.claude-3-5-haiku-20241022-v1:0', 200_000, 'none'],
  ['qwen3:8b', 32_768, 'none'],
])('%s', (model, window, reasoning) => {
  expect(modelOf(model)).toMatchObject({ window, reasoning, isAssumed: false });
});

test('an unknown model gets assumptions, and they are marked as such', () => {
  expect(modelOf('my-own-model')).toBe(UNKNOWN_MODEL);
  expect(UNKNOWN_MODEL).toMatchObject({ isAssumed: true, parallelTools: false });
});

test('a compaction comes before the window is full', () => {
  expect(compactAtOf(200_000)).toBe(180_000);
});
