/** The whole conversation as it was drawn, for the pager. Bounded: the oldest lines go first, and that is said. */

/** Lines that are kept. */
const MAX_LINES = 50_000;

export interface Transcript {
  add(lines: readonly string[]): void;
  text(): string;
}

export const createTranscript = (): Transcript => {
  let lines: string[] = [];
  let dropped = 0;
  return {
    add: (more) => {
      lines.push(...more);
      if (lines.length <= MAX_LINES * 2) return; // not at each line
      dropped += lines.length - MAX_LINES;
      lines = lines.slice(-MAX_LINES);
    },
    text: () => {
      const gone = dropped + Math.max(0, lines.length - MAX_LINES);
      const kept = lines.slice(-MAX_LINES).join('\n');
      return `${gone === 0 ? '' : `(${gone} older lines are in the journal only)\n`}${kept}\n`;
    },
  };
};
