/** The house rules that a machine can check. When one fails, change the code, or change ARCHITECTURE.md in the same commit. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawingIn, outlineOf } from './architecture/drawing.ts';
import { check, RULES } from './architecture/rules.ts';
import { sourceOf } from './architecture/source.ts';

const root = join(import.meta.dirname, '..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const paths = globSync('{machines,sandbox,actors,cli,inspector}/**/*.{ts,tsx}', { cwd: root }).sort();
const sources = paths
  .filter((path) => !/\.(?:test|fixture)\.tsx?$/.test(path))
  .map((path) => sourceOf(path, textOf(path)));

describe('the architecture', () => {
  it('has sources to look at', () => {
    for (const room of ['machines/', 'sandbox/', 'actors/', 'cli/'])
      expect(sources.filter(({ path }) => path.startsWith(room)).length).toBeGreaterThan(5);
  });

  it.each(RULES)('$name', (rule) => {
    expect(check(rule, sources), `Instead: ${rule.instead}.`).toEqual([]);
  });
});

describe('the charts', () => {
  const files = paths.filter((path) => path.endsWith('.machine.ts'));

  it('are found', () => expect(files.length).toBeGreaterThanOrEqual(5));

  it.each(files)('%s draws the chart that runs', async (path) => {
    const exported: unknown[] = Object.values((await import(join(root, path))) as object);
    const charts = exported.flatMap((value) =>
      typeof value === 'object' && value !== null && 'root' in value
        ? [outlineOf(value.root as Parameters<typeof outlineOf>[0])]
        : [],
    );
    expect(charts).toHaveLength(1);
    expect(drawingIn(textOf(path)), 'change the drawing in the header, or the chart').toEqual(charts[0]);
  });
});

describe('the rules', () => {
  const broken: readonly (readonly [path: string, text: string, complaint: string])[] = [
    ['machines/x.machine.ts', "import { readFileSync } from 'node:fs';", 'import of node:fs'],
    ['machines/x.machine.ts', "import {\n  a,\n  b,\n} from\n  'rxjs';", 'import of rxjs'],
    ['machines/x.ts', "export * from '../actors/bus.ts';", 'import of actors/bus.ts'],
    ['machines/x.ts', "export * as bus from '../actors/bus.ts';", 'import of actors/bus.ts'],
    ['machines/x.ts', "export { a } from '../sandbox/plan.ts';", 'import of sandbox/plan.ts'],
    ['machines/x.ts', "import { type Spawn } from '../sandbox/plan.ts';", 'import of sandbox/plan.ts'],
    ['machines/x.ts', "const load = () => import('node:os');", 'dynamic import of node:os'],
    ['machines/protocol/x.ts', "import { kit } from '../kit.ts';", 'import of machines/kit.ts'],
    ['machines/x.ts', 'const at = `${[Date.now()].map((d) => `${d}`)}`;', 'Date'],
    ['machines/x.ts', 'const quotient = a / b; setTimeout(run, 1 / 2);', 'setTimeout'],
    ['machines/x.ts', "const isSlash = /['/]/.test(s) && process.pid;", 'process'],
    ['machines/x.ts', 'const id = Math.random();', 'Math.random'],
    ['sandbox/planner.ts', "import 'node:fs';", 'import of node:fs'],
    ['sandbox/planner.ts', 'const home = process.env.HOME;', 'process'],
    ['actors/session.ts', "import { args } from '../cli/args.ts';", 'import of cli/args.ts'],
    ['actors/bus.ts', "import { execa } from 'execa';", 'import of execa'],
    ['actors/exec.actor.ts', "import { execa } from 'execa';", 'static import of execa'],
    ['actors/bus.ts', "import { EventEmitter } from 'node:events';", 'import of node:events'],
    ['cli/config.ts', "import * as z from 'zod';", 'import of zod'],
    ['cli/chat.ts', "import { createActor } from 'xstate';", 'import of xstate'],
    ['cli/chat.ts', "import { bus } from '../actors/bus.ts';", 'import of actors/bus.ts'],
    ['cli/chat.ts', 'let count = 0;', 'module-level let'],
    ['cli/chat.ts', 'class Chat { count = 0 }', 'a class'],
    ['cli/chat.ts', '\n'.repeat(301), 'it has 301'],
    ['elsewhere/x.ts', '', 'it belongs to no layer'],
  ];
  const titled = broken.map(([path, text, complaint]) => ({ path, text, complaint, title: text.trim().slice(0, 60) }));
  it.each(titled)('complain about $path: $title', ({ path, text, complaint }) => {
    const complaints = RULES.flatMap((rule) => check(rule, [sourceOf(path, text)]));
    expect(complaints.some((words) => words.endsWith(complaint))).toBe(true);
  });

  it.each([
    ['machines/x.ts', "import type { Spawn } from '../sandbox/plan.ts';\n// setTimeout(…), Date.now()"],
    ['machines/x.ts', "const words = 'process.exit() and new Date()'; const { date: Dates } = input;"],
    ['machines/x.ts', "import { assign } from 'xstate';\nexport const f = () => { let n = 0; return event.process; };"],
    ['sandbox/host.ts', "import * as fs from 'node:fs';\nconst { pid } = process;"],
    ['actors/exec.actor.ts', "export const load = () => import('execa');"],
    ['cli/output-schema.ts', "const z = await import('zod');\nexport class UsageError extends Error {}"],
    ['actors/x.ts', "type Leaves = typeof import('./leaves.ts');\nexport type { A } from './a.ts';"],
  ])('say nothing about %s: %j', (path, text) => {
    expect(RULES.flatMap((rule) => check(rule, [sourceOf(path, text)]))).toEqual([]);
  });

  it('see a state that is not drawn, and an end that is drawn as none', () => {
    const chart = { name: 'door', isFinal: false, states: [{ name: 'shut', isFinal: true, states: [] }] };
    expect(drawingIn('/**\n *   door\n *   └─ shut ■   for good\n */')).toEqual(chart);
    expect(drawingIn('/**\n *   door\n *   └─ shut     for good\n */')).not.toEqual(chart);
    expect(drawingIn('/**\n *   door\n *   ├─ open\n *   └─ shut ■\n */')).not.toEqual(chart);
    expect(drawingIn('/** A door. */')).toBeNull();
  });
});
