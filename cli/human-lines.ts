/**
 * A run of exec as a person reads it: progress for stderr, and what is held back for stdout. Pure.
 * The newest message is held until it is known whether it is the final one; only that goes to stdout.
 */
import type { CallView, FactOf, RuntimeEvent, TokenUsage } from '../machines/protocol/index.ts';
import type { Paint } from './render/paint.ts';
import { oneLine, strip } from './render/strip.ts';

/** Lines of a command's output that are shown. */
const SHOWN_LINES = 12;

export interface HumanState {
  readonly held: string | null;
}
export const newHuman: HumanState = { held: null };

export interface Said {
  readonly err: string;
  readonly out: string;
}
const nothing: Said = { err: '', out: '' };

export const titleOf = (view: CallView): string => {
  switch (view.kind) {
    case 'command':
      return `$ ${oneLine(view.command)}`;
    case 'patch':
      return view.changes
        .map(({ kind, path }) => `${{ add: 'A', delete: 'D', update: 'M' }[kind]} ${oneLine(path)}`)
        .join(', ');
    case 'mcp':
      return `${view.server}.${view.tool} ${oneLine(view.args)}`;
    case 'tool':
      return `${view.tool} ${oneLine(view.args)}`;
  }
};

export const tail = (output: string, lines: number): string => {
  const all = strip(output).replace(/\n+$/, '').split('\n');
  const left = all.length - lines;
  return left > 0 ? [`… ${left} lines more`, ...all.slice(-lines)].join('\n') : all.join('\n');
};

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export const outcomeOf = ({ status, exitCode, durationMs }: FactOf<'call.finished'>): string =>
  [
    status === 'timedOut' ? 'timed out' : status,
    exitCode === undefined ? null : `exit ${exitCode}`,
    durationMs === undefined ? null : seconds(durationMs),
  ]
    .filter((part) => part !== null)
    .join(' · ');

export const usageInWords = ({ input, cachedInput, output }: TokenUsage): string =>
  `${input + output} tokens (${input} in, ${cachedInput} of them cached, ${output} out)`;

const finished = (fact: FactOf<'call.finished'>, paint: Paint): string => {
  const good = fact.status === 'completed' && (fact.exitCode ?? 0) === 0;
  const body = tail(fact.output, SHOWN_LINES);
  return `${paint.dim(body === '' ? '' : `${body}\n`)}${(good ? paint.green : paint.red)(`  ${outcomeOf(fact)}`)}\n`;
};

const stoppedInWords = (fact: FactOf<'turn.failed' | 'turn.aborted'>): string =>
  fact.stopped
    .map(({ what, pid, signal, exit }) =>
      [`  stopped ${oneLine(what)}`, pid, signal, exit === undefined ? undefined : `exit ${exit}`]
        .filter((p) => p !== undefined)
        .join(' · '),
    )
    .map((line) => `${line}\n`)
    .join('');

/** Where nothing else says it: an objection after a tool, and a turn that is sent on. */
export const hookInWords = ({ hook, outcome, message = '' }: FactOf<'hook.ran'>): string | null => {
  if (outcome !== 'blocked' || (hook !== 'afterTool' && hook !== 'stop')) return null;
  return `  a hook ${hook === 'stop' ? 'wants the turn to go on' : 'objects'}: ${oneLine(message)}`;
};

const released = (state: HumanState): string => (state.held === null ? '' : `${strip(state.held)}\n`);

export const toHuman = (state: HumanState, event: RuntimeEvent, paint: Paint): readonly [HumanState, Said] => {
  const err = (text: string): readonly [HumanState, Said] => [state, { err: text, out: '' }];
  switch (event.type) {
    case 'session.configured': {
      const { provider, model, sandbox, approvalPolicy, cwd } = event;
      return err(paint.dim(`${provider} · ${model} · ${sandbox.sandbox} · ask: ${approvalPolicy} · ${cwd}\n`));
    }
    case 'session.warned':
      return err(paint.yellow(`warning: ${oneLine(event.message)}\n`));
    case 'items.recorded':
      return event.items.reduce<readonly [HumanState, Said]>(
        ([before, said], item) => {
          if (item.type === 'reasoning' && item.text !== '')
            return [before, { ...said, err: `${said.err}${paint.dim(`${strip(item.text)}\n`)}` }];
          if (item.type !== 'agent' || item.text === '') return [before, said];
          return [{ held: item.text }, { ...said, err: said.err + released(before) }];
        },
        [state, nothing],
      );
    case 'call.started':
      return err(`${paint.bold(titleOf(event.view))}\n`);
    case 'call.finished':
      return err(finished(event, paint));
    case 'approval.requested':
      return err(paint.yellow(`nobody is here to approve: ${oneLine(event.question.why)}\n`));
    case 'sample.retrying':
      return err(
        paint.yellow(
          `retrying ${event.attempt}/${event.of} in ${seconds(event.delayMs)}: ${oneLine(event.error.message)}\n`,
        ),
      );
    case 'plan.updated':
      return err(
        event.plan
          .map(
            ({ step, status }) => `  ${{ completed: '✔', in_progress: '▸', pending: '·' }[status]} ${oneLine(step)}\n`,
          )
          .join(''),
      );
    case 'hook.ran': {
      const words = hookInWords(event);
      return words === null ? [state, nothing] : err(paint.dim(`${words}\n`));
    }
    case 'terminal.started':
      return err(paint.dim(`  goes on in the background: ${oneLine(event.what)} · session ${event.terminalId}\n`));
    case 'terminal.ended':
      return err(paint.dim(`  session ${event.terminalId}: ${event.status}\n`));
    case 'history.compacted':
      return err(paint.dim(`compacted the conversation: ${event.before} → ${event.after} tokens\n`));
    case 'turn.completed': {
      const text = event.lastAgentMessage ?? state.held ?? '';
      return [newHuman, { err: paint.dim(`${usageInWords(event.usage)}\n`), out: text === '' ? '' : `${text}\n` }];
    }
    case 'turn.failed':
      return [
        newHuman,
        {
          out: '',
          err: `${released(state)}${paint.red(`failed (${event.error.kind}): ${strip(event.error.message)}`)}\n${stoppedInWords(event)}`,
        },
      ];
    case 'turn.aborted':
      return [
        newHuman,
        { out: '', err: `${released(state)}${paint.red(`aborted: ${event.reason}`)}\n${stoppedInWords(event)}` },
      ];
    default:
      return [state, nothing];
  }
};
