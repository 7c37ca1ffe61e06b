/** The words of a patch: what it consists of, and what can be wrong with it. Types and texts only. */

export const BEGIN = '*** Begin Patch';
export const END = '*** End Patch';
export const ADD = '*** Add File: ';
export const DELETE = '*** Delete File: ';
export const UPDATE = '*** Update File: ';
export const MOVE = '*** Move to: ';
export const END_OF_FILE = '*** End of File';

export interface PatchLine {
  readonly sign: ' ' | '+' | '-';
  readonly text: string;
}

/** One place in a file that changes. */
export interface Chunk {
  /** Lines that lead to the place, outermost first. They are found, not changed. */
  readonly contexts: readonly string[];
  readonly lines: readonly PatchLine[];
  /** The old lines are the last of the file. */
  readonly isEndOfFile: boolean;
}

export type Hunk =
  | { readonly kind: 'add'; readonly path: string; readonly text: string }
  | { readonly kind: 'delete'; readonly path: string }
  | {
      readonly kind: 'update';
      readonly path: string;
      readonly moveTo: string | null;
      readonly chunks: readonly Chunk[];
    };

/**
 * Why a patch was not applied. `message` is read by models and by programs: its words are a contract.
 * `remedy` says what to do about it, and may change.
 */
export interface Problem {
  readonly kind: 'problem';
  readonly at:
    { readonly what: 'patch' } | { readonly what: 'hunk'; readonly line: number } | { readonly what: 'file' };
  readonly message: string;
  /** The message where the patch was only checked, if that is another: nothing was tried to be deleted then. */
  readonly whenVerified?: string;
  readonly remedy: string;
}

export const patchProblem = (message: string, remedy: string): Problem => ({
  kind: 'problem',
  at: { what: 'patch' },
  message,
  remedy,
});
export const hunkProblem = (line: number, message: string, remedy: string): Problem => ({
  kind: 'problem',
  at: { what: 'hunk', line },
  message,
  remedy,
});
export const fileProblem = (message: string, remedy: string): Problem => ({
  kind: 'problem',
  at: { what: 'file' },
  message,
  remedy,
});

/** As the model reads it, after "apply_patch verification failed: ". */
export const inWords = ({ at, message, whenVerified = message, remedy }: Problem): string => {
  const where = at.what === 'patch' ? 'invalid patch: ' : at.what === 'hunk' ? `invalid hunk at line ${at.line}, ` : '';
  return `${where}${whenVerified}\n${remedy}`;
};

/** As the binary prints it. */
export const onStderr = ({ at, message, remedy }: Problem): string => {
  const where =
    at.what === 'patch' ? 'Invalid patch: ' : at.what === 'hunk' ? `Invalid patch hunk on line ${at.line}: ` : '';
  return `${where}${message}\n${remedy}\n`;
};

export const NO_CHANGE = fileProblem('No files were modified.', 'The patch names no file: add at least one hunk.');
