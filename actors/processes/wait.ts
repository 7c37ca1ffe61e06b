/** Waiting with an end. */

/** Resolves when the promise does, when the time is up, or when the signal comes; leaves no timer behind. */
export const patiently = async (promise: Promise<unknown>, withinMs: number, hurry?: AbortSignal): Promise<void> => {
  if (hurry?.aborted) return;
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, withinMs);
  const give = () => resolve();
  hurry?.addEventListener('abort', give, { once: true });
  await Promise.race([promise, over]);
  hurry?.removeEventListener('abort', give);
  clearTimeout(timer);
};
