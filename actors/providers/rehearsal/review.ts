/**
 * What the embedded model says as a reviewer: it looks at the diff and reports the lines that were added and that their
 * author meant to come back to. It finds little, and says so. Pure.
 */
import type { Finding, Verdict } from '../../../machines/protocol/index.ts';
import type { SampleRequest } from '../provider.ts';
import { shellCall } from './calls.ts';
import { outputOf } from './patches.ts';
import type { ScriptItem } from './script.ts';
import { sceneOf } from './understand.ts';

const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b|\bdebugger;|\bconsole\.log\(/;
const MAX_FINDINGS = 20;
/** Repeated of one line. Characters. */
const QUOTED_CHARS = 60;

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** The request names its commit or its branch in words. */
const commandFor = (asked: string): string => {
  const commit = /\(git show (\S+)\)/.exec(asked)?.[1];
  if (commit !== undefined) return `git show ${quote(commit)}`;
  const branch = /\(git merge-base HEAD (\S+)\)/.exec(asked)?.[1];
  if (branch !== undefined) return `git diff "$(git merge-base HEAD ${quote(branch)})"`;
  return 'git status --short && git diff HEAD';
};

/** Added lines of a unified diff, with their places. */
const addedIn = (diff: string) => {
  const at = { file: '', line: 0 };
  const added: { readonly file: string; readonly line: number; readonly text: string }[] = [];
  for (const text of diff.split('\n')) {
    const file = /^\+\+\+ (?:b\/)?(.+)$/.exec(text)?.[1];
    const start = /^@@ -\S+ \+(\d+)/.exec(text)?.[1];
    if (file !== undefined) at.file = file.trim();
    else if (start !== undefined) at.line = Number(start);
    else if (text.startsWith('+')) added.push({ ...at, line: at.line++, text: text.slice(1).trim() });
    else if (!text.startsWith('-')) at.line += 1;
  }
  return added;
};

const cwdOf = ({ items }: SampleRequest): string => {
  const told = items.findLast((item) => item.type === 'context' && item.text.includes('<cwd>'));
  return (told?.type === 'context' && /<cwd>(.*)<\/cwd>/.exec(told.text)?.[1]) || '/';
};

const said = (verdict: Verdict): readonly ScriptItem[] => [{ type: 'text', text: JSON.stringify(verdict) }];

export const reviewing = (request: SampleRequest): readonly ScriptItem[] => {
  const { asked, results } = sceneOf(request);
  const [looked] = results;
  if (looked === undefined) {
    const call = shellCall(request.tools, commandFor(asked));
    if (call !== null) return [{ type: 'call', ...call }];
  }
  if (looked?.status !== 'completed')
    return said({
      findings: [],
      overall_correctness: '',
      overall_explanation: `I am the embedded model, and I could not look at the changes. ${outputOf(looked?.output ?? '').slice(0, 400)}`,
    });
  const added = addedIn(outputOf(looked.output));
  const findings = added
    .filter(({ text }) => UNFINISHED.test(text))
    .slice(0, MAX_FINDINGS)
    .map(({ file, line, text }): Finding => ({
      title: `Finish what this line leaves open: ${text.slice(0, QUOTED_CHARS)}`,
      body: 'The line was added by this change and says itself that it is not done.',
      confidence_score: 0.5,
      priority: 2,
      code_location: { absolute_file_path: `${cwdOf(request)}/${file}`, line_range: { start: line, end: line } },
    }));
  return said({
    findings,
    overall_correctness: findings.length === 0 ? 'patch is correct' : 'patch is incorrect',
    overall_explanation: `I am the embedded model: I looked at ${added.length} added lines for what is marked as unfinished, and at nothing else.`,
    overall_confidence_score: 0.1,
  });
};
