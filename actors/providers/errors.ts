/**
 * Whatever goes wrong with a model request, as a RuntimeError: the kind tells the machine, the text tells the user what to do.
 * Pure. Everything a text needs is in the Place.
 */
import type { ErrorKind, RuntimeError } from '../../machines/protocol/index.ts';
import { kindOf } from './errors.table.ts';
import type { Fault } from './http.ts';
import type { ProviderConfig } from './provider.ts';

/** What an error text may name. */
export interface Place {
  readonly config: Pick<ProviderConfig, 'id' | 'baseUrl' | 'envKey'>;
  readonly model: string;
}

const MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
/** "try again in 1.9s", "… in 350ms", "… in 6m0s", "… after 20 seconds" → milliseconds. */
export const delayInText = (text: string): number | undefined => {
  const said =
    /(?:try again|retry|wait)\s+(?:in|after|for)?\s*((?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|d(?:ays?)?|h(?:ours?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)[\s,]*)+)/i.exec(
      text,
    )?.[1];
  if (said === undefined) return undefined;
  const parts = [...said.matchAll(/(\d+(?:\.\d+)?)\s*(ms|milli|[dhms])/gi)];
  const total = parts.reduce((sum, [, n, unit]) => {
    const key = unit?.toLowerCase() === 'milli' ? 'ms' : (unit?.toLowerCase() ?? 's');
    return sum + Number(n) * (MS[key] ?? 0);
  }, 0);
  return Math.ceil(total);
};

/** `retry-after-ms`, or `Retry-After` as seconds or as a date → milliseconds, never negative. */
export const delayInHeaders = (
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  now: number,
): number | undefined => {
  const exact = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (Number.isFinite(exact)) return Math.max(0, Math.ceil(exact));
  const said = headers['retry-after'];
  if (typeof said !== 'string' || said.trim() === '') return undefined;
  const seconds = Number(said);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(said) - now;
  return Number.isFinite(ms) ? Math.max(0, Math.ceil(ms)) : undefined;
};

const keyHint = ({ config }: Place): string =>
  config.envKey === null
    ? `Provider "${config.id}" sends no key: set model_providers.${config.id}.env_key if it needs one.`
    : `Check the key in ${config.envKey}.`;

/** What to do, per kind. */
const REMEDY: Readonly<Partial<Record<ErrorKind, (place: Place) => string>>> = {
  contextWindowExceeded: ({ model }) =>
    `The conversation no longer fits the context window of ${model}. Compact it (/compact), or start a new session.`,
  usageLimitReached: () => 'The limit of your plan is reached. Wait until it resets, or choose another model with -m.',
  quotaExceeded: ({ config }) => `Check the plan and billing of your ${config.id} account.`,
  rateLimited: () => 'Too many requests.',
  serverOverloaded: ({ model }) => `${model} is at capacity at the moment. Another model may answer: -m MODEL.`,
  serverError: ({ config }) => `The trouble is on the side of ${config.baseUrl}.`,
  unauthorized: keyHint,
  forbidden: (place) => `The key may not use ${place.model} at ${place.config.baseUrl}. ${keyHint(place)}`,
  notFound: ({ config, model }) =>
    `Check the model name (${model}, -m) and base_url of provider "${config.id}" (${config.baseUrl}).`,
  contentFiltered: () => 'Word the request differently, or choose another model with -m.',
  responseIncomplete: () => 'The answer was cut off by the server.',
};

export interface Refused {
  readonly status?: number | undefined;
  readonly codes: readonly string[];
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

/** A failure that the server put into words: an HTTP error, `response.failed`, `event: error`. */
export const refused = (place: Place, { status, codes, message, retryAfterMs }: Refused): RuntimeError => {
  const kind = kindOf(status, codes, message);
  const wait = retryAfterMs ?? delayInText(message);
  const head = [status === undefined ? '' : `HTTP ${status}`, codes[0] ?? ''].filter(Boolean).join(' ');
  const remedy = REMEDY[kind]?.(place) ?? '';
  const said = message.trim() === codes[0] ? '' : message.trim();
  return {
    kind,
    message: [`${place.config.id}: ${head === '' ? kind : head}${said === '' ? '.' : ` – ${said}`}`, remedy]
      .filter(Boolean)
      .join('\n'),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(status === undefined ? {} : { status }),
  };
};

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ERR_TLS|ERR_SSL|EPROTO/;

/** No answer, or no more of it. */
export const broken = ({ config }: Place, fault: Fault): RuntimeError => {
  if (fault.kind === 'idle')
    return {
      kind: 'streamIdle',
      message: `${config.id}: ${config.baseUrl} sent nothing for ${fault.ms / 1000} s. A slow model may need a larger stream_idle_timeout_ms.`,
    };
  if (fault.kind === 'broken')
    return {
      kind: 'streamDisconnected',
      message: `${config.id}: the answer broke off before its end (${fault.message}).`,
    };
  const { code, message } = fault;
  if (CERTIFICATE.test(code))
    // A certificate does not heal by asking again: final, unlike the other ways of not being reached.
    return {
      kind: 'badRequest',
      message: `${config.id}: no trusted TLS connection to ${config.baseUrl} (${code}). If the certificate is your own, name its CA in NODE_EXTRA_CA_CERTS.`,
    };
  const why =
    code === 'ECONNREFUSED'
      ? `nothing listens at ${config.baseUrl}. Start the server, or mend base_url of provider "${config.id}".`
      : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
        ? `the host of ${config.baseUrl} cannot be resolved. Are you offline, or is base_url of provider "${config.id}" mistyped?`
        : `no connection to ${config.baseUrl} (${code === 'unknown' ? message : `${code}: ${message}`}).`;
  return { kind: 'connectionFailed', message: `${config.id}: ${why}` };
};

/** The stream was over before the answer was. */
export const endedEarly = ({ config }: Place): RuntimeError => ({
  kind: 'streamDisconnected',
  message: `${config.id}: the stream was closed before the answer was complete.`,
});

/** The server stopped in the middle and said why. */
export const cutShort = ({ config }: Place, reason: string): RuntimeError =>
  reason === 'content_filter' || reason === 'refusal'
    ? {
        kind: 'contentFiltered',
        message: `${config.id}: the answer was withheld (${reason}). Word the request differently, or choose another model with -m.`,
      }
    : { kind: 'responseIncomplete', message: `${config.id}: incomplete answer, reason: ${reason}.` };

/** Before any request: the variable that should hold the key does not. */
export const keyless = ({ config }: Place): RuntimeError => ({
  kind: 'unauthorized',
  message: `Missing environment variable: ${config.envKey ?? ''}. It must hold the API key of provider "${config.id}" (${config.baseUrl}).`,
});
