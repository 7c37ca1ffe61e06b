/** What a server says about its failure, whatever shape it says it in. */

/** Longest piece of a server's text that we repeat. Characters. */
const QUOTED_CHARS = 500;

export interface Complaint {
  readonly codes: readonly string[];
  readonly message: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const words = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Markup of a proxy or CDN says nothing but its title. */
const unmarked = (text: string): string => {
  if (!/^\s*</.test(text)) return text;
  const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1];
  return `a web page instead of an answer: ${(title ?? text.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ').trim()}`;
};
const short = (text: string): string => (text.length > QUOTED_CHARS ? `${text.slice(0, QUOTED_CHARS)}…` : text);

/** `{error: {code, type, message}}` and its relatives: `{error: "…"}`, `{message}`, `{detail}`, and lists of them. */
export const readError = (value: unknown): Complaint => {
  const outer: unknown = Array.isArray(value) ? (value[0] as unknown) : value;
  if (!isRecord(outer)) return { codes: [], message: short(words(outer)) };
  const inner = isRecord(outer['error']) ? outer['error'] : outer;
  const codes = [inner['code'], inner['type'], inner['status'], outer['code'], outer['type']].map(words);
  const { detail } = outer;
  const message = [
    inner['message'],
    outer['error'],
    outer['message'],
    isRecord(detail) ? JSON.stringify(detail) : detail,
  ]
    .map(words)
    .find(Boolean);
  const { resets_in_seconds: seconds } = inner;
  const reset = typeof seconds === 'number' ? ` Try again in ${Math.ceil(seconds)} s.` : '';
  return {
    // `error` names nothing: it is what Anthropic's envelope and vLLM's object are called.
    codes: [...new Set(codes)].filter((code) => code !== '' && code !== 'error'),
    message: `${short(message ?? '')}${reset}`.trim(),
  };
};

export const readErrorBody = (body: string): Complaint => {
  try {
    const complaint = readError(JSON.parse(body));
    return complaint.message === '' && complaint.codes.length === 0
      ? { codes: [], message: short(body.trim()) }
      : complaint;
  } catch {
    return { codes: [], message: short(unmarked(body.trim())) };
  }
};
