import { describe, expect, it } from 'vitest';
import type { Item } from '../../../machines/protocol/index.ts';
import { parseReview } from '../../../machines/tasks/review.findings.ts';
import { requestOf, targetOf } from '../../../machines/tasks/review.words.ts';
import { specs } from '../../tools/registry.ts';
import type { SampleRequest } from '../provider.ts';
import { reviewing } from './review.ts';

const request = (target: string, ...more: readonly Item[]): SampleRequest => ({
  turnId: 't',
  threadId: 's',
  model: 'm',
  purpose: 'review',
  instructions: '',
  items: [
    {
      type: 'context',
      about: 'environment',
      text: '<environment_context>\n  <cwd>/here</cwd>\n</environment_context>',
    },
    { type: 'user', text: requestOf(targetOf(target)) },
    ...more,
  ],
  tools: specs(),
  parallelTools: true,
});
const looked = (output: string, status: 'completed' | 'failed' = 'completed'): readonly Item[] => [
  { type: 'call', callId: 'c', tool: 'shell', args: '{}' },
  { type: 'result', callId: 'c', output, status },
];
const DIFF = ['--- a/a.ts', '+++ b/a.ts', '@@ -1,2 +1,3 @@', ' kept', '-// TODO old', '+fine', '+// TODO new'].join(
  '\n',
);

describe('the embedded model as a reviewer', () => {
  it.each([
    ['', 'git diff HEAD'],
    ['commit abc', "git show 'abc'"],
    ["base it's", "git merge-base HEAD 'it'\\''s'"],
  ])('looks at the change first (%j)', (target, command) =>
    expect(reviewing(request(target))).toMatchObject([
      { type: 'call', name: 'shell', args: { command: expect.stringContaining(command) } },
    ]),
  );
  it('reports added lines that are not finished, at their places, and says how little it did', () => {
    const [said] = reviewing(request('', ...looked(DIFF)));
    const { findings, overall_explanation } = parseReview(said?.type === 'text' ? (said.text ?? '') : '');
    expect(findings.map(({ code_location }) => code_location)).toEqual([
      { absolute_file_path: '/here/a.ts', line_range: { start: 3, end: 3 } },
    ]);
    expect(overall_explanation).toContain('2 added lines');
  });
  it('says so where it could not look', () => {
    const [said] = reviewing(request('', ...looked('not a git repository', 'failed')));
    expect(JSON.stringify(said)).toContain('could not look at the changes. not a git repository');
  });
});
