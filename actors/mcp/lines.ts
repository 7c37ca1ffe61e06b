/** Bytes of a stream → lines. One that does not end within the limit is the end of it all. */
export interface Lines {
  /** False: a line was too long, and nothing is understood any more. */
  add(bytes: Uint8Array): boolean;
}

export const createLines = (onLine: (line: string) => void, maxChars: number): Lines => {
  const decoder = new TextDecoder();
  const state = { rest: '', isBroken: false };
  return {
    add: (bytes) => {
      if (state.isBroken) return false;
      const text = decoder.decode(bytes, { stream: true });
      const last = text.lastIndexOf('\n');
      if (last < 0) state.rest += text;
      else {
        for (const line of `${state.rest}${text.slice(0, last)}`.split('\n')) if (line.trim() !== '') onLine(line);
        state.rest = text.slice(last + 1);
      }
      state.isBroken = state.rest.length > maxChars;
      return !state.isBroken;
    },
  };
};
