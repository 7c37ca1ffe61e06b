/** What was said and has not arrived yet: first in, first out for each speaker, in any order between speakers. */
export const createLines = () => {
  const lines = new Map<string, (() => void)[]>();
  return {
    put: (speaker: string, arrive: () => void): void => {
      const line = lines.get(speaker);
      if (line === undefined) lines.set(speaker, [arrive]);
      else line.push(arrive);
    },
    /** Speakers of whom something is on its way. */
    waiting: (): readonly string[] => [...lines.keys()],
    take: (speaker: string): void => {
      const line = lines.get(speaker) ?? [];
      const arrive = line.shift();
      if (line.length === 0) lines.delete(speaker);
      arrive?.();
    },
  };
};
