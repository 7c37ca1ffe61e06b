/** What a background terminal is given at birth, told, and tells. The session that owns it and the machine itself meet here. */
import { asPort, type Port } from './ports.ts';
import type { CallStatus } from './protocol/index.ts';

export interface TerminalInput {
  readonly terminalId: string;
  /** The call that began it. */
  readonly callId: string;
  readonly what: string;
  readonly pid: number | null;
}

export type TerminalCommand =
  | { readonly type: 'terminal.stop' }
  /** Its last words were read, or there is no room for them any more. */
  | { readonly type: 'terminal.forget' };

/** The process is gone; what it said last can still be read. */
export type TerminalReported = { readonly type: 'terminal.over'; readonly terminalId: string };

export interface TerminalOutput {
  readonly terminalId: string;
  readonly what: string;
  readonly status: CallStatus;
  /** Whether the model can have known: it ended by itself, or somebody ended it. */
  readonly by: 'itself' | 'us';
}

export type TerminalLogic = Port<TerminalCommand, TerminalInput, TerminalOutput>;
export const asTerminal = asPort<TerminalLogic>();

/** What the session knows of one of its terminals; the one used last stands last. */
export interface Terminal {
  readonly terminalId: string;
  readonly what: string;
  readonly phase: 'running' | 'stopping' | 'ended';
}
export const terminalActorOf = (terminalId: string): string => `term${terminalId}`;
export const isTerminalActor = (actorId: string): boolean => actorId.startsWith('term');
