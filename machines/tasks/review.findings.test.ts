import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../protocol/index.ts';
import { MAX_BODY_CHARS, MAX_TOLD_FINDINGS, parseReview, REVIEW_SCHEMA, reviewInWords } from './review.findings.ts';

const score = fc.double({ min: 0, max: 1, noNaN: true }).map((n) => n || 0); // JSON has no -0
const finding = fc.record({
  title: fc.string(),
  body: fc.string(),
  confidence_score: score,
  priority: fc.nat(3),
  code_location: fc.oneof(
    fc.constant(null),
    fc.record({ absolute_file_path: fc.string(), line_range: fc.record({ start: fc.nat(), end: fc.nat() }) }),
  ),
});
const verdict = fc.record({
  findings: fc.array(finding, { maxLength: 5 }),
  overall_correctness: fc.string(),
  overall_explanation: fc.string(),
  overall_confidence_score: score,
});
const prose = fc.string().map((text) => text.replaceAll(/[{}]/g, ''));

describe('what a reviewer said (C.11.3)', () => {
  it('is read as it was written, alone or between other words', () => {
    fc.assert(
      fc.property(verdict, prose, prose, (written, before, after) => {
        expect(parseReview(JSON.stringify(written))).toEqual(written);
        expect(parseReview(`${before}\n${JSON.stringify(written, null, 2)}\n${after}`)).toEqual(written);
      }),
    );
  });
  it('is an explanation where it is nothing else, and none of it is lost', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const read = parseReview(text);
        const isFindings = read.overall_explanation !== text.trim();
        expect(isFindings ? text : '{"findings"').toMatch(/"findings"|"overall_explanation"/);
      }),
    );
  });
  it.each([
    ['', ''],
    ['{}', '{}'],
    ['{"overall": 1}', '{"overall": 1}'],
    ['} x {', '} x {'],
    ['{"findings": [{"body": "no title"}]}', '{"findings": [{"body": "no title"}]}'],
  ])('%j explains itself', (text, overall_explanation) =>
    expect(parseReview(text)).toEqual({ findings: [], overall_correctness: '', overall_explanation }),
  );
  it('may leave out whatever a reader can do without', () =>
    expect(parseReview('Here: ```json\n{"findings": [{"title": "t"}]}\n```')).toEqual({
      findings: [{ title: 't', body: '' }],
      overall_correctness: '',
      overall_explanation: '',
    }));
  it('has the shape that a wire is asked to demand', () => {
    const { required, properties } = REVIEW_SCHEMA as { required: string[]; properties: object };
    expect(required).toEqual(Object.keys(properties));
    expect(required).toEqual([
      'findings',
      'overall_correctness',
      'overall_explanation',
      'overall_confidence_score',
    ] satisfies (keyof Verdict)[]);
  });
});

describe('findings in words', () => {
  it('name each with its priority and its place, once', () => {
    const words = reviewInWords('commit abc', {
      findings: [
        {
          title: 'Close the file',
          body: 'It leaks\nin a loop.',
          priority: 1,
          code_location: { absolute_file_path: '/a.ts', line_range: { start: 3, end: 5 } },
        },
        { title: '[P0] Stop', body: '', priority: 0, code_location: { absolute_file_path: '/b.ts' } },
      ],
      overall_correctness: 'patch is incorrect',
      overall_explanation: 'A leak.',
    });
    expect(words).toBe(
      [
        'Review of commit abc: 2 findings.',
        '- [P1] Close the file — /a.ts:3-5\n  It leaks\n  in a loop.',
        '- [P0] Stop — /b.ts',
        'patch is incorrect: A leak.',
      ].join('\n\n'),
    );
  });
  it('end somewhere', () => {
    const findings = Array.from({ length: MAX_TOLD_FINDINGS + 7 }, () => ({
      title: 't',
      body: 'x'.repeat(MAX_BODY_CHARS + 3),
    }));
    const words = reviewInWords('x', { findings, overall_correctness: '', overall_explanation: '' });
    expect(words).toContain('[… 3 more]');
    expect(words.endsWith('- … and 7 more')).toBe(true);
    expect(words.length).toBeLessThan(MAX_TOLD_FINDINGS * (MAX_BODY_CHARS + 100));
  });
});
