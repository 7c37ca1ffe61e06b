/** The keyboard: everything that moves the cursor. */
import { changesState, followOn, query, sameActor, seek, view, views } from './store.ts';

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLInputElement && target.type !== 'range';

export const listenToKeys = (): void => {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape' && isTyping(event.target)) {
      query.value = '';
      (event.target as HTMLInputElement).blur();
    }
    if (isTyping(event.target)) return;
    const keys: Readonly<Record<string, () => void>> = {
      ArrowRight: () => seek(1, (row) => !event.shiftKey || sameActor(row)),
      ArrowLeft: () => seek(-1, (row) => !event.shiftKey || sameActor(row)),
      ']': () => seek(1, changesState),
      '[': () => seek(-1, changesState),
      f: followOn,
      '/': () => document.querySelector<HTMLInputElement>('input[type=search]')?.focus(),
    };
    const act =
      keys[event.key] ??
      (/^[1-6]$/.test(event.key) ? () => (view.value = views.value[Number(event.key) - 1] ?? view.value) : undefined);
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
};
