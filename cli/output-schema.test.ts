import { describe, expect, it } from 'vitest';
import { compileSchema } from './output-schema.ts';

const judge = async (schema: Readonly<Record<string, unknown>>, message: string) =>
  (await compileSchema(schema, 'schema.json'))(message);

describe('the schema of an answer', () => {
  it.each([
    [{ type: 'object', required: ['n'] }, '{}', false],
    [{ type: 'object', required: ['n'] }, '{"n":1}', true],
    [{ type: 'object', required: ['n'], properties: { m: { type: 'string' } } }, '{"m":"x"}', false],
    [{ type: 'array', items: { type: 'object', required: ['n'] } }, '[{"n":1},{}]', false],
    [{ type: 'object', properties: { required: { type: 'string' } } }, '{"required":"x"}', true],
    [{ type: 'object', properties: { n: { enum: ['a'] } }, required: ['n'] }, '{"n":"b"}', false],
    [{ type: 'object' }, 'no JSON', false],
  ])('%j holds %s: %s', async (schema, message, isGood) => {
    const wrong = await judge(schema, message);
    expect(wrong === null).toBe(isGood);
  });
});
