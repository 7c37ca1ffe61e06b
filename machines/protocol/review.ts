/**
 * What a review comes to, in the words in which a model is asked to write it (C.11.3). Only what a reader cannot do
 * without is demanded; the rest may be missing.
 */
import * as z from 'zod/mini';

const maybe = <S extends z.core.$ZodType>(schema: S) => z.optional(z.nullable(schema));

/** One thing that a reviewer found. Lines are counted from 1, both ends included. */
export const Finding = z.readonly(
  z.object({
    title: z.string(),
    body: z._default(z.string(), ''),
    /** 0 to 1: how sure the reviewer is. */
    confidence_score: maybe(z.number()),
    /** 0 (drop everything) to 3 (nice to have). */
    priority: maybe(z.number()),
    code_location: maybe(
      z.object({
        absolute_file_path: z.string(),
        line_range: maybe(z.object({ start: z.number(), end: z.number() })),
      }),
    ),
  }),
);
export type Finding = z.infer<typeof Finding>;

/** What a review came to: its findings, and whether the change is correct as a whole, in the reviewer's own words. */
export const Verdict = z.readonly(
  z.object({
    findings: z._default(z.readonly(z.array(Finding)), []),
    overall_correctness: z._default(z.string(), ''),
    overall_explanation: z._default(z.string(), ''),
    overall_confidence_score: maybe(z.number()),
  }),
);
export type Verdict = z.infer<typeof Verdict>;
