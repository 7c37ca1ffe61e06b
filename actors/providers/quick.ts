/**
 * Reads the word out of a delta without reading the frame around it. In a long answer nearly every event is one of these,
 * and parsing all of it costs more than everything else together. What does not look exactly as expected is null: then
 * it is read properly.
 */
const QUOTE = 34;
const BACKSLASH = 92;

/** Index of the quotation mark that ends the string which begins at `from`; -1: it does not end. */
const closing = (json: string, from: number): number => {
  for (let at = json.indexOf('"', from); at !== -1; at = json.indexOf('"', at + 1)) {
    let slashes = 0;
    while (json.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
};

/**
 * The string value that follows `key`, which must end with the opening quotation mark of the value. `isPlain` may look
 * at what comes after the value.
 */
export const quickString = (
  json: string,
  start: string,
  key: string,
  isPlain?: (json: string, after: number) => boolean,
): string | null => {
  if (!json.startsWith(start)) return null;
  const found = json.indexOf(key, start.length);
  if (found === -1) return null;
  const open = found + key.length - 1;
  if (json.charCodeAt(open) !== QUOTE) return null;
  const close = closing(json, open + 1);
  if (close === -1 || (isPlain !== undefined && !isPlain(json, close + 1))) return null;
  try {
    // Parsed, not sliced: a slice would keep the whole chunk of the network in memory as long as the word lives.
    const value: unknown = JSON.parse(json.slice(open, close + 1));
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
};
