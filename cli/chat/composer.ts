/**
 * Keys × state → what is meant. Pure: (composer, view, key) → [composer, acts]. The table of keys is this file.
 *
 * Promises: one Ctrl-C never quits while something runs; no words are lost: what is cleared goes into the history, and
 * what was being written when a question came up is there again after it; a key pressed as a question appears is no answer.
 */
import type { Decision } from '../../machines/protocol/index.ts';
import { newEditor, press as edit, wholeText, withText, type Editor } from '../render/editor.ts';
import type { Key } from '../render/keys.ts';
import { beginSearch, pressInSearch, type Search } from './search.ts';
import { SLASH, type SlashName } from './slash.ts';
import type { ChatView, Pending } from './view.ts';

export interface Composer {
  readonly editor: Editor;
  /** Newest last. */
  readonly history: readonly string[];
  readonly historyAt: number | null;
  /** Words that wait while a question is open. */
  readonly stash: Editor | null;
  readonly search: Search | null;
  readonly isDenying: boolean;
  readonly chosen: number;
  readonly isPopupClosed: boolean;
  /** Esc or Ctrl-C was pressed once, at this time. */
  readonly primed: { readonly key: 'escape' | 'quit'; readonly at: number } | null;
}

export type Act =
  | { readonly kind: 'submit'; readonly text: string }
  | { readonly kind: 'queue'; readonly text: string }
  | { readonly kind: 'decide'; readonly pending: Pending; readonly decision: Decision }
  | {
      readonly kind:
        | 'interrupt'
        | 'leave'
        | 'plan'
        | 'expand'
        | 'edit'
        | 'complete'
        | 'redraw'
        | 'suspend'
        | 'help'
        | 'transcript'
        | 'paste'
        | 'rewind';
    };

export const newComposer = (history: readonly string[]): Composer => ({
  editor: newEditor,
  history,
  historyAt: null,
  stash: null,
  search: null,
  isDenying: false,
  chosen: 0,
  isPopupClosed: false,
  primed: null,
});

/** A second press counts within this time. Milliseconds. */
export const PRIME_MS = 1_000;
/** So long after a question appeared, keys still belong to what was being written. Milliseconds. */
export const GUARD_MS = 400;

type Step = readonly [Composer, readonly Act[]];

/** Slash commands that begin as the text does. */
export const popupOf = ({ editor: { text }, isPopupClosed, stash }: Composer): readonly SlashName[] => {
  const word = /^\/([a-z]*)$/.exec(text)?.[1];
  if (word === undefined || isPopupClosed || stash !== null) return [];
  const names = Object.keys(SLASH) as SlashName[];
  const matching = names.filter((name) => name.startsWith(word));
  return matching.length === 1 && matching[0] === word ? [] : matching;
};

const emptied = (composer: Composer): Composer => ({
  ...composer,
  editor: newEditor,
  historyAt: null,
  chosen: 0,
  isPopupClosed: false,
});
const remembered = (composer: Composer): Composer => {
  const text = wholeText(composer.editor);
  const isNews = text.trim() !== '' && composer.history.at(-1) !== text;
  return emptied({ ...composer, history: isNews ? [...composer.history, text] : composer.history });
};
const primedBy = (composer: Composer, key: 'escape' | 'quit', now: number): boolean =>
  composer.primed?.key === key && now - composer.primed.at < PRIME_MS;

const sent = (composer: Composer, kind: 'submit' | 'queue'): Step => {
  const text = wholeText(composer.editor);
  if (text.trim() === '') return [composer, []];
  if (text.endsWith('\\')) return [{ ...composer, editor: withText(composer.editor, `${text.slice(0, -1)}\n`) }, []];
  return [remembered(composer), [{ kind, text }]];
};

const older = (composer: Composer, direction: -1 | 1): Composer => {
  const { history, historyAt } = composer;
  const at = (historyAt ?? history.length) + direction;
  if (at < 0 || at > history.length || (historyAt === null && direction > 0)) return composer;
  return { ...composer, historyAt: at === history.length ? null : at, editor: withText(newEditor, history[at] ?? '') };
};

const edited = (composer: Composer, key: Key): Composer => {
  const editor = edit(composer.editor, key);
  if (editor !== null) return { ...composer, editor, chosen: 0, isPopupClosed: false };
  if (key.name === 'up') return older(composer, -1);
  return key.name === 'down' ? older(composer, 1) : composer;
};

const inPopup = (composer: Composer, names: readonly SlashName[], key: Key): Step | null => {
  const move = (by: number): Step => [
    { ...composer, chosen: (composer.chosen + by + names.length) % names.length },
    [],
  ];
  const name = names[composer.chosen];
  switch (key.name) {
    case 'up':
      return move(-1);
    case 'down':
      return move(1);
    case 'tab':
      if (key.shift) return move(-1);
      return [{ ...composer, editor: withText(composer.editor, `/${name ?? ''} `), chosen: 0 }, []];
    case 'escape':
      return [{ ...composer, isPopupClosed: true }, []];
    case 'enter':
      if (name === undefined) return null;
      if ('operand' in SLASH[name] && SLASH[name].operand?.startsWith('[') === false)
        return [{ ...composer, editor: withText(composer.editor, `/${name} `) }, []];
      return [
        remembered({ ...composer, editor: withText(composer.editor, `/${name}`) }),
        [{ kind: 'submit', text: `/${name}` }],
      ];
    default:
      return null;
  }
};

/** Esc, Ctrl-C and Ctrl-D: the ladders that end things. */
const ending = (composer: Composer, { phase, queued }: ChatView, key: Key, now: number): Step | null => {
  const isBusy = phase === 'busy' || phase === 'aborting';
  const hasText = composer.editor.text !== '';
  const prime = (name: 'escape' | 'quit'): Composer => ({ ...composer, primed: { key: name, at: now } });
  if (key.name === 'escape') {
    if (phase === 'busy') return [composer, [{ kind: 'interrupt' }]];
    if (phase === 'aborting') return [composer, []];
    // Words that waited when a former process was lost: they are taken back as from a turn.
    if (phase === 'idle' && queued.length > 0 && !hasText) return [composer, [{ kind: 'interrupt' }]];
    if (!primedBy(composer, 'escape', now)) return [prime('escape'), []];
    return hasText
      ? [remembered({ ...composer, primed: null }), []]
      : [{ ...composer, primed: null }, [{ kind: 'rewind' }]];
  }
  if (key.ctrl && key.name === 'c') {
    if (phase === 'busy') return [composer, [{ kind: 'interrupt' }]];
    if (phase === 'aborting') return [composer, [{ kind: 'leave' }]];
    if (hasText) return [remembered(composer), []];
    return primedBy(composer, 'quit', now) ? [composer, [{ kind: 'leave' }]] : [prime('quit'), []];
  }
  if (key.ctrl && key.name === 'd' && !hasText) {
    if (isBusy) return [composer, []];
    return primedBy(composer, 'quit', now) ? [composer, [{ kind: 'leave' }]] : [prime('quit'), []];
  }
  return null;
};

const LETTERS: Readonly<Record<string, Decision>> = {
  y: { kind: 'approve' },
  '1': { kind: 'approve' },
  s: { kind: 'approveForSession' },
  '2': { kind: 'approveForSession' },
  p: { kind: 'approveAndKeep' },
  n: { kind: 'deny' },
  '3': { kind: 'deny' },
  a: { kind: 'abort' },
  '4': { kind: 'abort' },
};

const answering = (composer: Composer, pending: Pending, key: Key, now: number): Step => {
  if (key.ctrl && key.name === 'c') return [composer, [{ kind: 'interrupt' }]];
  if (now - pending.since < GUARD_MS && !composer.isDenying) {
    const stash = edit(composer.stash ?? newEditor, key);
    return [stash === null ? composer : { ...composer, stash }, []];
  }
  const decide = (decision: Decision): Step => [
    { ...emptied(composer), isDenying: false },
    [{ kind: 'decide', pending, decision }],
  ];
  if (composer.isDenying) {
    if (key.name === 'escape') return [{ ...emptied(composer), isDenying: false }, [{ kind: 'interrupt' }]];
    if (key.name !== 'enter' || key.alt || key.shift) return [edited(composer, key), []];
    const reason = wholeText(composer.editor).trim();
    return decide(reason === '' ? { kind: 'deny' } : { kind: 'deny', reason });
  }
  if (key.name === 'escape' || key.name === 'd') return [{ ...composer, isDenying: true }, []];
  if (key.ctrl && key.name === 'o') return [composer, [{ kind: 'expand' }]];
  const decision = key.ctrl || key.alt ? undefined : LETTERS[key.name];
  if (decision === undefined || (decision.kind === 'approveAndKeep' && pending.question.keeps === undefined))
    return [composer, []];
  return decide(
    decision.kind === 'approveForSession' && pending.question.offers.length === 0 ? { kind: 'approve' } : decision,
  );
};

const GLOBAL: Readonly<Record<string, Exclude<Act['kind'], 'submit' | 'queue' | 'decide'>>> = {
  t: 'plan',
  o: 'expand',
  g: 'edit',
  l: 'redraw',
  z: 'suspend',
  v: 'paste',
};

/** A question came up or went: what was being written is put aside, and comes back. */
export const withQuestion = (composer: Composer, isAsked: boolean): Composer => {
  if (isAsked && composer.stash === null)
    return { ...emptied(composer), stash: composer.search?.draft ?? composer.editor, search: null, isDenying: false };
  if (!isAsked && composer.stash !== null)
    return { ...composer, editor: composer.stash, stash: null, isDenying: false };
  return composer;
};

export const pressKey = (before: Composer, view: ChatView, key: Key, now: number): Step => {
  const pending = view.pending[0];
  const composer = withQuestion(before, pending !== undefined);
  if (pending !== undefined) return answering(composer, pending, key, now);

  if (composer.search !== null) {
    const searched = pressInSearch(composer.history, composer.search, composer.editor, key);
    if (searched !== null) return [{ ...composer, ...searched }, []];
    return pressKey({ ...composer, search: null }, view, key, now);
  }
  if (key.ctrl && key.name === 'r') return [{ ...composer, ...beginSearch(composer.editor) }, []];

  const names = popupOf(composer);
  const popped = names.length > 0 ? inPopup(composer, names, key) : null;
  if (popped !== null) return popped;
  const ended = ending(composer, view, key, now);
  if (ended !== null) return ended;

  const global = key.ctrl ? GLOBAL[key.name] : undefined;
  if (global !== undefined) return [composer, [{ kind: global }]];
  if (key.name === 'f3') return [composer, [{ kind: 'transcript' }]];
  const isBusy = view.phase === 'busy' || view.phase === 'aborting';
  if (key.name === 'enter' && !key.alt && !key.shift)
    return sent(composer, view.phase === 'aborting' ? 'queue' : 'submit');
  if (key.name === 'tab') return isBusy ? sent(composer, 'queue') : [composer, [{ kind: 'complete' }]];
  if (key.name === '?' && composer.editor.text === '') return [composer, [{ kind: 'help' }]];
  return [{ ...edited(composer, key), primed: null }, []];
};
