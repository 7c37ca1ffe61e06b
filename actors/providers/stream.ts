/**
 * A provider that speaks HTTP: everything that the wires have in common. A wire says how a request is written and what
 * its frames mean; this file promises the rest of the contract: one ending, an asynchronous beginning, abort at once.
 */
import { Observable } from 'rxjs';
import type { ModelItem } from '../../machines/leaves.ts';
import type { Delta, RuntimeError, TokenUsage } from '../../machines/protocol/index.ts';
import { readErrorBody } from './errors.body.ts';
import { broken, delayInHeaders, endedEarly, keyless, type Place, refused } from './errors.ts';
import { createPoster, type Exchange } from './http.ts';
import { createImages, type Images } from './images.ts';
import type { Milestone, Provider, ProviderConfig, SampleRequest } from './provider.ts';
import { createFrames } from './sse.ts';

/** Kept of the body of an HTTP error. Characters. */
const MAX_ERROR_BODY_CHARS = 64 * 1024;
/** The body of an HTTP error is an explanation: it is not waited for as long as an answer. Milliseconds. */
const ERROR_BODY_MS = 2_000;
/** After the last word of an answer, how long its figures may take. Milliseconds. */
const AFTERWORD_MS = 1_000;

/** Whoever answers with one of these did not understand that a stream was asked for: often base_url leads to a web site. */
const NO_STREAM = /^(text\/html|application\/json)\b/i;

export interface ProviderDeps {
  readonly userAgent?: string;
  /** Hears of every event that was skipped: unknown, or not JSON. */
  readonly ignored?: (what: string) => void;
}

/** What a wire may say while it reads. After `complete` or `fail` nothing is heard any more. */
export interface Out {
  readonly place: Place;
  delta(delta: Delta): void;
  item(item: ModelItem): void;
  complete(usage: TokenUsage | null, mustContinue: boolean): void;
  fail(error: RuntimeError): void;
  ignored(what: string): void;
  /** The answer is whole, only figures may follow: no long waiting from here on. */
  expectOnlyFigures(): void;
}

export interface Reader {
  frame(name: string | undefined, data: string): void;
  /** The body is over, or what came after the answer took too long. True: the answer is whole, and `complete` was said. */
  end(): boolean;
}

export interface Wire {
  /** Below base_url: `/responses`. */
  readonly path: string;
  headers(config: ProviderConfig): Readonly<Record<string, string>>;
  body(request: SampleRequest): string;
  read(request: SampleRequest, out: Out): Reader;
}

const urlOf = ({ baseUrl, query }: ProviderConfig, path: string): URL => {
  const url = new URL(baseUrl.replace(/\/+$/, '') + path);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  return url;
};

export const createHttpProvider = async (
  config: ProviderConfig,
  deps: ProviderDeps,
  wireOf: (config: ProviderConfig, images: Images) => Wire,
): Promise<Provider> => {
  const images = createImages();
  const wire = wireOf(config, images);
  const url = urlOf(config, wire.path);
  const post = await createPoster(url);
  const headers = {
    accept: 'text/event-stream',
    'user-agent': deps.userAgent ?? 'turnstile',
    ...wire.headers(config),
    ...config.headers,
  };

  const sample = (request: SampleRequest) =>
    new Observable<Delta | Milestone>((subscriber) => {
      const place: Place = { config, model: request.model };
      let exchange: Exchange | null = null;
      let isOver = false;

      const end = (last: Milestone) => {
        if (isOver) return;
        isOver = true;
        if (last.type === 'sample.completed') exchange?.release();
        else exchange?.close();
        subscriber.next(last);
        subscriber.complete();
      };
      const fail = (error: RuntimeError) => end({ type: 'sample.failed', error });
      const out: Out = {
        place,
        delta: (delta) => {
          if (!isOver) subscriber.next(delta);
        },
        item: (item) => {
          if (!isOver) subscriber.next({ type: 'sample.item', item });
        },
        complete: (usage, mustContinue) => end({ type: 'sample.completed', usage, mustContinue }),
        fail,
        ignored: (what) => deps.ignored?.(what),
        expectOnlyFigures: () => exchange?.waitAtMost(AFTERWORD_MS),
      };

      const send = () => {
        if (isOver) return;
        let status = 0;
        let complaint = '';
        let isPage = false;
        let retryAfterMs: number | undefined;
        const reader = wire.read(request, out);
        const frames = createFrames(
          (name, data) => {
            if (isOver) return;
            try {
              reader.frame(name, data);
            } catch (error) {
              fail({ kind: 'crashed', message: `${config.id}: an event could not be read: ${String(error)}` });
            }
          },
          () => fail(broken(place, { kind: 'broken', message: 'one event was too large' })),
        );
        const refuse = () => fail(refused(place, { status, ...readErrorBody(complaint), retryAfterMs }));
        const isAccepted = () => status >= 200 && status < 300 && !isPage;
        exchange = post(
          url,
          { headers, body: wire.body(request), idleTimeoutMs: config.idleTimeoutMs },
          {
            opened: (code, received) => {
              status = code;
              isPage = NO_STREAM.test(received['content-type'] ?? '');
              if (isAccepted()) return subscriber.next({ type: 'sample.opened' });
              retryAfterMs = delayInHeaders(received, Date.now());
              exchange?.waitAtMost(ERROR_BODY_MS);
            },
            text: (chunk) => {
              if (isAccepted()) return frames.feed(chunk);
              complaint += chunk.slice(0, MAX_ERROR_BODY_CHARS - complaint.length);
            },
            ended: () => {
              if (!isAccepted()) return refuse();
              if (!reader.end()) fail(endedEarly(place));
            },
            failed: (fault) => {
              if (status !== 0 && !isAccepted()) return refuse();
              if (status === 0 || !reader.end()) fail(broken(place, fault));
            },
          },
        );
      };

      const start = async () => {
        if (config.apiKey === null && config.envKey !== null) return fail(keyless(place));
        await images.load(request.items);
        send();
      };
      // The first event must not come while the subscriber is still being born.
      void Promise.resolve()
        .then(start)
        .catch((error: unknown) => fail({ kind: 'crashed', message: `${config.id}: ${String(error)}` }));

      return () => {
        if (isOver) return;
        isOver = true;
        exchange?.close();
      };
    });

  return { name: config.id, sample };
};
