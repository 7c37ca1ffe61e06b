/** What the Linux backends hand to their launchers, as text. */

/** Words are told apart by NUL, so one inside a value could smuggle in an option. */
export const pack = (words: readonly string[]): string => {
  if (words.some((word) => word.includes('\0'))) throw new Error('an argument contains NUL');
  return words.map((word) => `${word}\0`).join('');
};

/** The words that `pack` made. */
export const unpack = (text: string): readonly string[] => text.split('\0').slice(0, -1);

export const setenv = (env: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]);

export const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
