/** Each wire × each fault, through the program: how often it asks, what it says, and how it exits. */
import { describe, expect, it } from 'vitest';
import { HTTP_WIRES } from '../contract/provider.kit.ts';
import { newPlace, type Ended } from '../cli/program.ts';
import { startModelServer } from '../model-server/server.ts';
import { FAULTS } from './faults.ts';
import { validLines } from './stage.ts';

/** Programs at a time: their start is all that this costs. */
const AT_ONCE = 2;
/** A stream that falls silent is given up after this. Short only where silence is the fault: a busy machine is silent too. */
const idleMs = (fault: string) => (fault === 'idle' ? 300 : 60_000);

const inTurns = async <T, R>(all: readonly T[], run: (one: T) => Promise<R>): Promise<readonly R[]> => {
  const results: R[] = [];
  const rest = [...all.entries()];
  const worker = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) results[next[0]] = await run(next[1]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
};

/** A provider by configuration alone, on any wire, with one further attempt. */
const exec = (wire: string, url: string, env: Record<string, string>, fault = ''): Promise<Ended> => {
  const provider = `{ base_url = "${url}", wire_api = "${wire}", env_key = "THE_KEY", request_max_retries = 1, stream_idle_timeout_ms = ${idleMs(fault)} }`;
  const choice = ['-m', 'm', '-c', 'model_provider="tested"', '-c', `model_providers.tested=${provider}`];
  return newPlace().run(['exec', '--json', '--skip-git-repo-check', ...choice, 'go'], { env });
};

interface Seen {
  readonly requests: number;
  readonly code: number | null;
  readonly kind: unknown;
  readonly message: string;
  /** The kind of each failure that was tried again. */
  readonly retried: readonly unknown[];
}
const seen = ({ code, out }: Ended, requests: number): Seen => {
  const lines = validLines(out);
  const { kind, message } = lines.at(-1)?.['error'] as { readonly kind: unknown; readonly message: string };
  return {
    requests,
    code,
    kind,
    message,
    retried: lines.filter(({ type }) => type === 'retrying').map((line) => line['kind']),
  };
};

/** Each program costs the better part of a second, so every fault is met on one wire; TURNSTILE_DEEP=1 meets it on each. */
const isDeep = process.env['TURNSTILE_DEEP'] === '1';
const faultsOf = (nth: number) => FAULTS.filter((_, i) => isDeep || i % HTTP_WIRES.length === nth);
if (!isDeep) console.log('each fault on one wire through the program; TURNSTILE_DEEP=1: on each wire');

describe.each(HTTP_WIRES.map((wire, nth) => ({ wire, faults: faultsOf(nth) })))(
  'D.3, D.4, R35: $wire',
  ({ wire, faults }) => {
    it(`${faults.length} faults: requests, kind, text and exit code of each`, { timeout: 240_000 }, async () => {
      const all = await inTurns(faults, async ({ turn, name }) => {
        const server = await startModelServer({ turns: [turn] });
        const ended = await exec(wire, server.url, { THE_KEY: 'k' }, name);
        await server.close();
        return seen(ended, server.requests.length);
      });
      const brief = all.map(({ requests, code, kind }, i) => ({ name: faults[i]?.name, requests, code, kind }));
      expect(brief).toEqual(faults.map(({ name, requests, exit: code = 1, kind }) => ({ name, requests, code, kind })));
      for (const [i, { message, retried, requests }] of all.entries()) {
        expect(message).toMatch(faults[i]?.says ?? /./);
        expect(message).toContain('tested: ');
        expect(retried).toEqual(requests === 2 ? [faults[i]?.kind] : []);
      }
    });

    it.runIf(isDeep || wire === 'responses')(
      'no key, nobody there, no such host: what to do is in the text',
      { timeout: 60_000 },
      async () => {
        const server = await startModelServer({ turns: [{ items: [] }] });
        await server.close(); // now nothing listens there
        const [keyless, refused, unknown] = await inTurns(
          [
            [server.url, {}],
            [server.url, { THE_KEY: 'k' }],
            ['http://nobody.invalid/v1', { THE_KEY: 'k' }],
          ] as const,
          ([url, env]) => exec(wire, url, { ...env }),
        ).then((all) => all.map((ended) => seen(ended, 0)));
        expect(keyless).toMatchObject({ code: 1, kind: 'unauthorized', retried: [] });
        expect(keyless?.message).toContain('Missing environment variable: THE_KEY');
        expect(refused).toMatchObject({ code: 1, kind: 'connectionFailed' });
        expect(refused?.message).toContain(`nothing listens at ${server.url}`);
        expect(refused?.retried).toHaveLength(1);
        expect(unknown).toMatchObject({ code: 1, kind: 'connectionFailed' });
        expect(unknown?.message).toContain('http://nobody.invalid/v1');
      },
    );
  },
);
