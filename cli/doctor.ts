/** Not written yet. */
import type { Mode } from './mode.ts';
export const run: Mode = async () => 2;
