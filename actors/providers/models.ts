/**
 * What is known of models: a catalogue by the beginning of the name. It is a convenience, not a truth: what the operator
 * configures wins over it, and a model that is not here gets assumptions that fail softly.
 */
export interface ModelFacts {
  /** Context window. Tokens. */
  readonly window: number;
  /** Most that one answer may have; only the Anthropic wire must name it. Tokens. */
  readonly maxOutput: number;
  readonly parallelTools: boolean;
  /** How the model is told to think. `effort`: by a word; `budget`: by tokens; `adaptive`: it decides, led by a word. */
  readonly reasoning: 'none' | 'effort' | 'budget' | 'adaptive';
  readonly isAssumed: boolean;
}

/**
 * Unknown models: a window small enough for most servers of today, so that a compaction comes too early rather than too
 * late; no reasoning parameters, since servers refuse those they do not know; one call at a time, which every server can.
 */
export const UNKNOWN_MODEL: ModelFacts = {
  window: 128_000,
  maxOutput: 8_192,
  parallelTools: false,
  reasoning: 'none',
  isAssumed: true,
};

type Row = readonly [prefix: RegExp, window: number, maxOutput: number, reasoning: ModelFacts['reasoning']];

/** First match wins: the special before the general. */
const CATALOGUE: readonly Row[] = [
  [/^gpt-5[\w.-]*chat/, 128_000, 16_384, 'none'],
  [/^gpt-5|^codex-/, 272_000, 128_000, 'effort'],
  [/^gpt-4\.1/, 1_047_576, 32_768, 'none'],
  [/^(gpt-4o|chatgpt-4o)/, 128_000, 16_384, 'none'],
  [/^o[134](-|$)/, 200_000, 100_000, 'effort'],
  [/^gpt-oss/, 131_072, 32_768, 'effort'],
  [/^claude-(opus|sonnet)-4-([6-9]|\d\d(?!\d))/, 200_000, 64_000, 'adaptive'],
  [/^claude-opus-4/, 200_000, 32_000, 'budget'],
  [/^claude-(sonnet|haiku)-4/, 200_000, 64_000, 'budget'],
  [/^claude-3-7/, 200_000, 64_000, 'budget'],
  [/^claude-3-5/, 200_000, 8_192, 'none'],
  [/^claude-3/, 200_000, 4_096, 'none'],
  [/^claude-/, 200_000, 64_000, 'adaptive'],
  [/^gemini-/, 1_048_576, 65_536, 'none'],
  [/^deepseek-/, 128_000, 8_192, 'none'],
  [/^(qwen3|qwen2\.5)/, 32_768, 8_192, 'none'],
  [/^(llama3|llama-3)/, 131_072, 8_192, 'none'],
  [/^rehearsal/, 128_000, 8_192, 'none'],
];

/** Vendors in front of a name (`openai/gpt-5`, `eu.anthropic.claude-…`) say where it runs, not what it is. */
const bare = (model: string): string =>
  model
    .toLowerCase()
    .replace(/^.*[/]/, '')
    .replace(/^([a-z]+\.)+(?=[a-z]+-)/, '');

export const modelOf = (model: string): ModelFacts => {
  const name = bare(model);
  const row = CATALOGUE.find(([prefix]) => prefix.test(name));
  if (row === undefined) return UNKNOWN_MODEL;
  const [, window, maxOutput, reasoning] = row;
  return { window, maxOutput, reasoning, parallelTools: true, isAssumed: false };
};

/** Tokens of the window at which a compaction comes before the next request: the rest is room for an answer. */
export const compactAtOf = (window: number): number => Math.floor(window * 0.9);
