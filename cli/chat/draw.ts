/** Cells and questions as lines of text, not yet wrapped. Pure. What came from a model or a command is stripped here. */
import type { PlanInWords, RuntimeError } from '../../machines/protocol/index.ts';
import { outcomeOf, seconds, tail, titleOf } from '../human-lines.ts';
import type { Paint } from '../render/paint.ts';
import { oneLine, strip } from '../render/strip.ts';
import { goesOnLines } from './background.ts';
import type { Cell, Receipt, Tone } from './cells.ts';
import { drawDiff } from './diff.ts';
import { styleLine, styleTable } from './markdown.ts';
import type { Pending } from './view.ts';

/** Lines of a finished command's output. */
const SHOWN_OUTPUT_LINES = 8;
const SHOWN_THOUGHT_LINES = 6;
const SHOWN_DIFF_LINES = 40;

const toneOf = (paint: Paint, tone: Tone): ((text: string) => string) =>
  ({ plain: (text: string) => text, dim: paint.dim, good: paint.green, warn: paint.yellow, bad: paint.red })[tone];

const indented = (text: string, style: (line: string) => string): readonly string[] =>
  text === '' ? [] : text.split('\n').map((line) => `  ${style(line)}`);

const many = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const receiptLines = (receipt: Receipt): readonly string[] => {
  const saved = [
    receipt.savedTokens > 0 ? `${receipt.savedTokens} tokens of the answer` : null,
    receipt.abortedCalls > 0 ? `${many(receipt.abortedCalls, 'tool call')} marked aborted` : null,
    receipt.undelivered.length > 0 ? `${many(receipt.undelivered.length, 'message')} given back` : null,
  ].filter((part) => part !== null);
  return [
    ...receipt.stopped.map(({ what, pid, signal, exit }) =>
      ['  stopped  ' + oneLine(what), pid, signal, exit === undefined ? undefined : `exit ${exit}`]
        .filter((part) => part !== undefined)
        .join(' · '),
    ),
    ...goesOnLines(receipt.goesOn),
    ...(saved.length === 0 ? [] : [`  saved    ${saved.join(' · ')}`]),
    ...(receipt.changedFiles.length === 0
      ? []
      : [`  files    ${many(receipt.changedFiles.length, 'file')} changed this turn · /diff · /rewind files`]),
  ];
};

/** What to do about it, where we know. */
const REMEDIES: Partial<Record<RuntimeError['kind'], string>> = {
  contextWindowExceeded: 'the context window is full: /compact, /rewind or /new',
  compactionFutile: 'the context window is full and a summary does not help: /rewind or /new',
  unauthorized: 'turnstile doctor shows which key is used',
  sandboxUnavailable: 'turnstile doctor shows what is missing',
};

const WHO = {
  interrupted: 'interrupted by you',
  replaced: 'replaced',
  shutdown: 'stopped: shutting down',
  lost: 'lost',
};

const callLines = ({ fact }: Extract<Cell, { kind: 'call' }>, paint: Paint): readonly string[] => {
  const good = fact.status === 'completed' && (fact.exitCode ?? 0) === 0;
  const mark = good ? paint.green('●') : fact.status === 'declined' ? paint.yellow('○') : paint.red('●');
  const how = `${outcomeOf(fact)}${fact.ran === undefined ? '' : ` · ${fact.ran.sandbox}`}`;
  const body =
    fact.view.kind === 'patch' && good
      ? fact.view.changes.flatMap(({ diff }) => drawDiff(diff, SHOWN_DIFF_LINES, paint))
      : indented(tail(fact.output, SHOWN_OUTPUT_LINES), paint.dim);
  return [
    `${mark} ${paint.bold(titleOf(fact.view))}`,
    ...body,
    `  ${(good ? paint.green : paint.red)('└')} ${paint.dim(how)}`,
    '',
  ];
};

/** Columns of a screen of which the width is not known. */
const USUAL_COLUMNS = 80;

/** Not wrapped; `columns` is for what is laid out in columns itself. */
export const drawCell = (cell: Cell, paint: Paint, columns: number = USUAL_COLUMNS): readonly string[] => {
  switch (cell.kind) {
    case 'notice':
      return strip(cell.text).split('\n').map(toneOf(paint, cell.tone));
    case 'user':
      return [
        '',
        ...strip(cell.text)
          .split('\n')
          .map((line, i) => `${i === 0 ? paint.cyan('›') : ' '} ${paint.bold(line)}`),
        '',
      ];
    case 'agent':
      return [(cell.isFirst ? '• ' : '  ') + styleLine(strip(cell.line), cell.code, paint)];
    case 'agentTable':
      return styleTable(cell.lines.map(strip), columns - 2, paint).map(
        (line, i) => (cell.isFirst && i === 0 ? '• ' : '  ') + line,
      );
    case 'agentEnd':
      return [''];
    case 'reasoning':
      return indented(tail(cell.text, SHOWN_THOUGHT_LINES), paint.dim);
    case 'call':
      return callLines(cell, paint);
    case 'explored': {
      const ms = cell.facts.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0);
      return [
        `${paint.green('●')} ${paint.bold('Explored')}`,
        ...cell.facts.map(({ view }) => `  ${paint.dim(titleOf(view).replace(/^\$ /, ''))}`),
        `  ${paint.green('└')} ${paint.dim(`${many(cell.facts.length, 'command')} · ${seconds(ms)}`)}`,
        '',
      ];
    }
    case 'plan':
      return [
        ...(cell.explanation === null ? [] : [paint.dim(`  ${oneLine(cell.explanation)}`)]),
        ...cell.steps.map(({ step, status }) =>
          status === 'completed'
            ? paint.dim(`  ✔ ${oneLine(step)}`)
            : status === 'in_progress'
              ? `  ${paint.cyan('▸')} ${paint.bold(oneLine(step))}`
              : `  · ${oneLine(step)}`,
        ),
      ];
    case 'done':
      return [paint.dim(`  done in ${seconds(cell.receipt.tookMs)} · ${cell.receipt.tokens} tokens`)];
    case 'failed': {
      const remedy = REMEDIES[cell.error.kind];
      return [
        paint.red(`■ failed (${cell.error.kind}) after ${seconds(cell.receipt.tookMs)}`),
        ...strip(cell.error.message)
          .split('\n')
          .map((line) => `  ${line}`),
        ...(remedy === undefined ? [] : [`  ${paint.yellow(remedy)}`]),
        ...receiptLines(cell.receipt),
      ];
    }
    case 'aborted': {
      const { tookMs, abortingMs } = cell.receipt;
      const aborting = abortingMs === null ? '' : ` (aborting ${Math.round(abortingMs)} ms)`;
      return [paint.red(`■ ${WHO[cell.reason]} after ${seconds(tookMs)}${aborting}`), ...receiptLines(cell.receipt)];
    }
  }
};

const planInWords = ({ sandbox, backend, expects }: PlanInWords): string =>
  `${backend} · ${sandbox}${expects === undefined ? '' : `  → would fail: ${oneLine(expects)}`}`;

/** How it may be answered; the last rows of a question, always seen. */
const answerLines = (offer: string | null, kept: string | null, paint: Paint): readonly string[] => {
  const answer = (letter: string, words: string) => `${paint.cyan(letter)} ${words}`;
  return [
    ...(offer === null ? [] : [`  ${answer('s', `yes, and more: ${offer}`)}`]),
    ...(kept === null ? [] : [`  ${answer('p', `yes, and keep: ${kept}`)}`]),
    `  ${answer('y', 'yes, once')}   ${answer('n', 'no, go on')}   ${answer('a', 'no, and stop')}   ${answer('d', 'no, because…')}`,
  ];
};

/** The question, with everything a person needs to decide. */
export const drawQuestion = (
  { view, question, since }: Pending,
  { index, of, now }: { readonly index: number; readonly of: number; readonly now: number },
  paint: Paint,
): readonly string[] => {
  const { why, justification, cause, ifYes, offers, offersInWords, keeps } = question;
  const label = (word: string) => `  ${paint.dim(word.padEnd(7))} `;
  const what =
    view.kind === 'patch'
      ? [
          `  ${paint.bold(titleOf(view))}`,
          ...view.changes.flatMap(({ diff }) => drawDiff(diff, SHOWN_DIFF_LINES, paint)),
        ]
      : strip(view.kind === 'command' ? view.command : titleOf(view))
          .split('\n')
          .map((line, i) => `  ${i === 0 ? '$' : ' '} ${paint.bold(line)}`);
  return [
    paint.yellow(`? approve ${index}/${of} · waiting ${Math.round((now - since) / 1000)} s`),
    ...what,
    ...(view.kind === 'command' ? [`${label('in')}${oneLine(view.cwd)}`] : []),
    `${label('why')}${oneLine(why)}`,
    ...(justification === undefined ? [] : [`${label('')}the model says: “${oneLine(justification)}”`]),
    ...(cause === undefined ? [] : [`${label('cause')}${oneLine(cause)}`]),
    `${label('now')}${question.now === null ? 'nothing runs' : planInWords(question.now)}`,
    `${label('if yes')}${planInWords(ifYes)}`,
    ...answerLines(offers.length === 0 ? null : oneLine(offersInWords), keeps ? oneLine(keeps.inWords) : null, paint),
  ];
};
