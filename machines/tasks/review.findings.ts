/**
 * What a reviewer said, read as findings, and findings in words. Pure and total: whatever a model writes is a review,
 * and nothing of it is lost (C.11.3).
 */
import { Verdict, type Finding } from '../protocol/review.ts';

/** Findings that are told in words; the fact has all of them. */
export const MAX_TOLD_FINDINGS = 100;
/** Longest body of a finding in words. Characters. */
export const MAX_BODY_CHARS = 4_000;

const nullable = (type: string) => ({ type: [type, 'null'] });
const strict = (properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

/** The same shape as JSON Schema, for wires that can demand one. Strict: each key is required, as OpenAI wants it. */
export const REVIEW_SCHEMA: Readonly<Record<string, unknown>> = strict({
  findings: {
    type: 'array',
    items: strict({
      title: { type: 'string' },
      body: { type: 'string' },
      confidence_score: nullable('number'),
      priority: nullable('integer'),
      code_location: {
        anyOf: [
          strict({
            absolute_file_path: { type: 'string' },
            line_range: strict({ start: { type: 'integer' }, end: { type: 'integer' } }),
          }),
          { type: 'null' },
        ],
      },
    }),
  },
  overall_correctness: { type: 'string', enum: ['patch is correct', 'patch is incorrect'] },
  overall_explanation: { type: 'string' },
  overall_confidence_score: nullable('number'),
});

/** An object of anything else would pass as a review without findings, and its words would be lost. */
const isMeant = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('findings' in value || 'overall_explanation' in value);

const read = (text: string): Verdict | null => {
  try {
    const value: unknown = JSON.parse(text);
    const parsed = Verdict.safeParse(value);
    return parsed.success && isMeant(value) ? parsed.data : null;
  } catch {
    return null;
  }
};

/** The whole text, else from its first `{` to its last `}`, else a text that explains. */
export const parseReview = (text: string): Verdict =>
  read(text) ??
  read(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) ?? {
    findings: [],
    overall_correctness: '',
    overall_explanation: text.trim(),
  };

const placeOf = ({ code_location }: Finding): string => {
  if (!code_location) return '';
  const { absolute_file_path, line_range } = code_location;
  if (!line_range) return ` — ${absolute_file_path}`;
  const { start, end } = line_range;
  return ` — ${absolute_file_path}:${start}${end === start ? '' : `-${end}`}`;
};

const cut = (text: string): string =>
  text.length <= MAX_BODY_CHARS ? text : `${text.slice(0, MAX_BODY_CHARS)} [… ${text.length - MAX_BODY_CHARS} more]`;

const findingInWords = (finding: Finding): string => {
  // Models write the priority into the title as well.
  const mark = typeof finding.priority === 'number' && !/^\[P\d\]/.test(finding.title) ? `[P${finding.priority}] ` : '';
  const body = cut(finding.body.trim()).replaceAll('\n', '\n  ');
  return `- ${mark}${finding.title.trim()}${placeOf(finding)}${body === '' ? '' : `\n  ${body}`}`;
};

const plural = (n: number, what: string): string => `${n === 0 ? 'no' : n} ${what}${n === 1 ? '' : 's'}`;

export const reviewInWords = (target: string, review: Verdict): string => {
  const { findings, overall_correctness, overall_explanation } = review;
  const left = findings.length - MAX_TOLD_FINDINGS;
  const verdict = [overall_correctness, overall_explanation]
    .map((words) => words.trim())
    .filter(Boolean)
    .join(': ');
  return [
    `Review of ${target}: ${plural(findings.length, 'finding')}.`,
    ...findings.slice(0, MAX_TOLD_FINDINGS).map(findingInWords),
    ...(left > 0 ? [`- … and ${left} more`] : []),
    ...(verdict === '' ? [] : [verdict]),
  ].join('\n\n');
};
