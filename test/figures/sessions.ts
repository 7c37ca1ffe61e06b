/** Ten thousand sessions that are open and idle in one process: bytes of each, and what opening one takes. */
import { aliveBytes, cpuMs, descriptors, rounded, type Row } from './kit.ts';
import { newRehearsal } from './rehearsal.ts';

const SESSIONS = Number(process.env['TURNSTILE_SESSIONS'] ?? 10_000);
const WARM_UP = 200;
const AT_ONCE = 100;

export const measure = async (): Promise<readonly Row[]> => {
  const { runtime, remove } = await newRehearsal();
  const open = async (count: number) => {
    for (let n = 0; n < count; n += AT_ONCE) {
      const sessions = await Promise.all(Array.from({ length: AT_ONCE }, () => runtime.open()));
      await Promise.all(
        sessions.map(
          (session) =>
            new Promise<void>((resolve) => {
              const listening = session.events.subscribe(({ type }) => {
                if (type !== 'session.configured') return;
                queueMicrotask(() => listening.unsubscribe());
                resolve();
              });
            }),
        ),
      );
    }
  };
  await open(WARM_UP);
  const [bytes, cpu, fds] = [await aliveBytes(), cpuMs(), descriptors()];
  await open(SESSIONS);
  const spent = cpuMs() - cpu;
  const grown = (await aliveBytes()) - bytes;
  const held = descriptors() - fds;
  const closing = cpuMs();
  await runtime[Symbol.asyncDispose]();
  const closed = cpuMs() - closing;
  remove();
  return [
    { what: `${rounded(SESSIONS)} idle sessions, each`, figure: `${rounded(grown / SESSIONS / 1_000, 1)} kB` },
    { what: 'opening one, processor', figure: `${rounded(spent / SESSIONS, 3)} ms` },
    { what: 'closing one, processor', figure: `${rounded(closed / SESSIONS, 3)} ms` },
    { what: 'descriptors that they hold', figure: String(held) },
  ];
};
