/** The model's side of a session: each request with what it cost, and how full the window became; and the files. Pure. */
import type { Story } from './story.ts';

export interface ModelRequest {
  readonly row: number;
  readonly attempt: number;
  readonly actor: string;
  readonly from: number;
  readonly to: number | null;
  readonly outcome: 'completed' | 'failed' | 'cut' | 'open';
  readonly usage: { readonly input: number; readonly cachedInput: number; readonly output: number } | null;
  readonly error: string;
}
export interface Fill {
  readonly row: number;
  readonly t: number;
  readonly used: number;
  readonly size: number;
}
export interface FileTouched {
  readonly row: number;
  readonly turnId: string;
  readonly diff: string;
}

type Plain = Readonly<Record<string, unknown>>;
const plain = (value: unknown): Plain => (typeof value === 'object' && value !== null ? (value as Plain) : {});
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

const OUTCOMES: Readonly<Record<string, ModelRequest['outcome']>> = {
  'sample.completed': 'completed',
  'sample.failed': 'failed',
  'sample.stopped': 'cut',
};

export const requestsOf = ({ rows, actors }: Story): readonly ModelRequest[] => {
  const requests: ModelRequest[] = [];
  const open = new Map<string, number>();
  rows.forEach((row, at) => {
    if (row.kind !== 'input' || !row.type.startsWith('sample.')) return;
    const actor = actors[row.actor ?? -1]?.path ?? '';
    const body = plain(row.body);
    const key = `${row.actor} ${number(body['attempt'])}`;
    const known = open.get(key);
    const place = known ?? requests.length;
    if (known === undefined) open.set(key, place);
    const outcome = OUTCOMES[row.type] ?? 'open';
    const usage = plain(body['usage']);
    requests[place] = {
      ...(requests[place] ?? {
        ...{ row: at, attempt: number(body['attempt']), actor, from: row.t },
        ...{ to: null, outcome: 'open', usage: null, error: '' },
      }),
      ...(outcome === 'open' ? {} : { to: row.t, outcome }),
      ...('input' in usage
        ? {
            usage: {
              input: number(usage['input']),
              cachedInput: number(usage['cachedInput']),
              output: number(usage['output']),
            },
          }
        : {}),
      ...('error' in body ? { error: String(plain(body['error'])['message'] ?? '') } : {}),
    };
  });
  return requests;
};

export const fillsOf = ({ rows }: Story): readonly Fill[] =>
  rows.flatMap(({ kind, type, t, body }, row) => {
    if (kind !== 'fact' || type !== 'tokens.counted') return [];
    const window = plain(plain(plain(body)['accounting'])['window']);
    return [{ row, t, used: number(window['used']), size: number(window['size']) }];
  });

export const filesOf = ({ rows }: Story): readonly FileTouched[] =>
  rows.flatMap(({ kind, type, body }, row) => {
    if (kind !== 'fact' || type !== 'turn.diffed') return [];
    const { turnId, diff } = plain(body);
    return [{ row, turnId: String(turnId), diff: String(diff) }];
  });
