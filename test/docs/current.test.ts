/** The reference documents name everything that the code knows, and nothing that it does not. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { ConfigFile, EnvironmentPolicy, McpServer, ModelProvider } from '../../cli/config/keys.ts';
import { EXIT } from '../../cli/exit-code.ts';
import { Line, LineItem } from '../../cli/json-schema.ts';
import { CallStatus, ErrorKind } from '../../machines/protocol/index.ts';
import { KnownRecord } from '../../actors/journal/format.ts';
import { documentText, wordsIn } from './documents.ts';
import { plannerTable, TABLE_FILE, unreached } from './planner-table.ts';

const keysOf = (schema: z.ZodMiniObject, prefix = ''): readonly string[] =>
  Object.entries(schema._zod.def.shape).flatMap(([key, value]) => {
    const inner: unknown = value instanceof z.ZodMiniOptional ? value._zod.def.innerType : value;
    return inner instanceof z.ZodMiniObject ? keysOf(inner, `${prefix}${key}.`) : [`${prefix}${key}`];
  });

const literalsOf = (key: string, { _zod: { def } }: z.ZodMiniUnion): readonly string[] =>
  def.options.flatMap((option: unknown) => {
    if (!(option instanceof z.ZodMiniObject)) return [];
    const literal: unknown = option._zod.def.shape[key];
    return literal instanceof z.ZodMiniLiteral ? literal._zod.def.values.map(String) : [];
  });

const firstCells = (text: string): readonly string[] =>
  [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell]) => cell ?? '');

describe('docs/planner-table.md', () => {
  it('is what the table says today (else: node test/docs/planner-table.ts)', () => {
    expect(readFileSync(TABLE_FILE, 'utf8')).toBe(plannerTable());
  });
  it('shows every row but the one for commands that nobody could start', () => {
    expect(unreached().filter((id) => id !== 'flawed')).toEqual([]);
  });
});

describe('docs/configuration.md', () => {
  const text = documentText('docs/configuration.md');
  const sections: readonly (readonly [heading: string, keys: readonly string[]])[] = [
    ['model_providers', keysOf(ModelProvider)],
    ['shell_environment_policy', keysOf(EnvironmentPolicy)],
    ['mcp_servers', keysOf(McpServer)],
  ];
  const all = [
    ...keysOf(ConfigFile).filter((key) => !key.startsWith('shell_environment_policy.')),
    ...sections.flatMap(([heading, keys]) =>
      keys.map((key) => (heading.endsWith('policy') ? `${heading}.${key}` : key)),
    ),
  ];

  it('has every key', () => {
    const words = wordsIn(text);
    expect(all.filter((key) => !words.has(key))).toEqual([]);
  });
  it('has a row for no key that does not exist', () => {
    expect(firstCells(text).filter((key) => !all.includes(key))).toEqual([]);
  });
});

describe('docs/exec-json.md', () => {
  const words = wordsIn(documentText('docs/exec-json.md'));
  it.each([
    ['line', literalsOf('type', Line)],
    ['item', literalsOf('type', LineItem)],
    ['outcome', CallStatus.options],
    ['kind of error', ErrorKind.options],
    ['exit code', [...Object.values(EXIT), 129, 130, 143].map(String)],
  ])('has every %s', (_, names) => {
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !words.has(name))).toEqual([]);
  });
});

describe('docs/journal.md', () => {
  it('has every kind of record', () => {
    const words = wordsIn(documentText('docs/journal.md'));
    const kinds = [...literalsOf('kind', KnownRecord), 'session'];
    expect(kinds.length).toBeGreaterThan(5);
    expect(kinds.filter((kind) => !words.has(kind))).toEqual([]);
  });
});
