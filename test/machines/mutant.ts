/**
 * A worker in which one machine has one fault: its text is changed on its way from the disk into the engine, and nowhere
 * else. It says of each judge what the judge says, or null where the judge notices nothing.
 */
import { registerHooks } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Fault, JudgeName } from './faults.ts';

export interface MutantData {
  /** Null: the machines as they are. */
  readonly fault: Pick<Fault, 'file' | 'from' | 'to'> | null;
  readonly judges: readonly JudgeName[];
}
export type MutantSays =
  { readonly judge: JudgeName; readonly why: string | null } | { readonly judge: null; readonly why: string };

const { fault, judges } = workerData as MutantData;
const target = fault === null ? null : new URL(`../../machines/${fault.file}`, import.meta.url).href;
const plain = new URL('./plain.ts', import.meta.url).href;
const done = { isChanged: fault === null };

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === 'vitest' && context.parentURL?.endsWith('.test.ts') ? plain : specifier, context),
  load: (url, context, next) => {
    const loaded = next(url, context);
    if (url !== target || fault === null) return loaded;
    const text = String(loaded.source);
    done.isChanged = text.includes(fault.from);
    return { ...loaded, source: text.replace(fault.from, () => fault.to) };
  },
});

const say = (said: MutantSays): void => parentPort?.postMessage(said);

try {
  const { verdictOf } = await import('./verdict.ts');
  if (!done.isChanged) say({ judge: null, why: 'the text is not there any more' });
  else for (const judge of judges) say({ judge, why: await verdictOf[judge]() });
} catch (error) {
  say({ judge: null, why: `cannot be loaded: ${String(error).split('\n')[0]}` });
}
