/** Calls the user back to a terminal that they are not looking at. Pure: what to write, if anything. */
import { oneLine } from '../render/strip.ts';
import type { Happening } from './view.ts';

/** `unknown`: this terminal does not tell; a bell does no harm there. */
export type Focus = 'unknown' | 'here' | 'away';

export const FOCUS_ON = '\x1b[?1004h';
export const FOCUS_OFF = '\x1b[?1004l';
const BELL = '\x07';
const MAX_CHARS = 120;

const why = (happening: Happening): string | null => {
  switch (happening.type) {
    case 'approval.requested':
      return `needs you: ${happening.question.why}`;
    case 'turn.completed':
      return happening.lastAgentMessage ?? 'done';
    case 'turn.failed':
      return `failed: ${happening.error.message}`;
    default:
      return null;
  }
};

/** OSC 9 is a notification of the desktop in terminals that know it, and nothing in the others. */
export const callBack = (happening: Happening | null, focus: Focus): string => {
  const words = happening === null || focus === 'here' ? null : why(happening);
  if (words === null) return '';
  return focus === 'unknown' ? BELL : `\x1b]9;turnstile · ${oneLine(words).slice(0, MAX_CHARS)}\x07${BELL}`;
};
