/**
 * What the machinery costs, measured in one run and beside what it is built on. `npm run figures` prints a table; names
 * behind it measure only those parts: events, deltas, sessions, stories, soak, inspector.
 */
import { cpus } from 'node:os';
import type { Row } from './kit.ts';

const PARTS: Readonly<Record<string, () => Promise<{ readonly measure: () => Promise<readonly Row[]> }>>> = {
  events: () => import('./events.ts'),
  deltas: () => import('./deltas.ts'),
  sessions: () => import('./sessions.ts'),
  stories: () => import('./stories.ts'),
  soak: () => import('./soak.ts'),
  inspector: () => import('./inspector.ts'),
};

const wanted = process.argv.slice(2);
console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
for (const [name, load] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { measure } = await load();
  console.log(`\n${name}`);
  for (const { what, figure } of await measure()) console.log(`  ${what.padEnd(58)} ${figure}`);
}
