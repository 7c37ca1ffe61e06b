/**
 * Text of models and tools, made safe to print: it may not move the cursor, change the title, or fill the clipboard. Pure.
 * Newline and tab stay; colours and every other sequence go, with what they carry.
 */

/** OSC, DCS, SOS, PM, APC up to their end (or the end of the text: an unclosed one would swallow what we print next). */
const STRINGS = /(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)?/g;
const CSI = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?/g;
const OTHER_ESCAPES = /\x1b[ -/]*[0-~]?/g;
/** The rest of C0, DEL, C1; and the marks that turn the direction of text, which can disguise a command. */
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

export const strip = (text: string): string =>
  text
    .replace(/\r\n/g, '\n')
    .replace(STRINGS, '')
    .replace(CSI, '')
    .replace(OTHER_ESCAPES, '')
    // A lone return overprints the line: what stands after it is what a terminal would have shown.
    .replace(/[^\n]*\r(?=[^\n])/g, '')
    .replace(CONTROLS, '');

/** The same on one line, for what must stay within a row. */
export const oneLine = (text: string): string =>
  strip(text)
    .replace(/\s*\n\s*/g, ' ⏎ ')
    .replaceAll('\t', ' ');
