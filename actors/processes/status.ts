/** What bubblewrap says on its status descriptor: JSON documents, one a line, the last of them perhaps torn. */

/** More than it ever says. Characters. */
export const STATUS_CHARS = 4096;

export interface SandboxStatus {
  /** The first process inside, by its number outside; all the others end with it. */
  readonly childPid: number | null;
  /** Null: the command never ran. A command that a signal ended has 128 + its number here. */
  readonly exitCode: number | null;
}

const numberOf = (text: string, key: string): number | null => {
  const found = new RegExp(`"${key}"\\s*:\\s*(\\d+)`).exec(text)?.[1];
  return found === undefined ? null : Number(found);
};

export const readStatus = (text: string): SandboxStatus => ({
  childPid: numberOf(text, 'child-pid'),
  exitCode: numberOf(text, 'exit-code'),
});
