import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { chartHash, chartsOf } from '../machines/charts.ts';
import { callMachine } from '../machines/call.machine.ts';
import { sessionMachine } from '../machines/session.machine.ts';
import { makeCharts } from './make-charts.ts';
import { mermaid } from './mermaid.ts';
import { outlineOf, statesOf } from './outline.ts';
import { descriptionsIn } from './prose.ts';
import { svg } from './svg.ts';

describe('charts as data', () => {
  test('every state of every machine that runs has its words in the drawing at the head of its file', async () => {
    const charts = await makeCharts(sessionMachine);
    expect(charts.length).toBe(chartsOf(sessionMachine).size);
    for (const { outline, layout } of charts) {
      const states = statesOf(outline.root);
      expect(layout.boxes.map(({ id }) => id).sort()).toEqual(states.map(({ id }) => id).sort());
      const drawn = readFileSync(fileOf(outline.name), 'utf8');
      const words = descriptionsIn(drawn);
      const known = new Set(Object.keys(words));
      for (const { id } of states) expect(known).toContain(id.split('.').slice(1).join('.'));
    }
  });

  test('each arrow of a drawing is a transition, and its guard stands on it', async () => {
    const [chart] = (await makeCharts(callMachine)).filter(({ outline }) => outline.name === 'call');
    if (chart === undefined) throw new Error('no chart');
    expect(svg(chart.layout)).toContain('exec.exited [escalates]');
    const pairs = new Set(chart.outline.transitions.flatMap(({ from, to }) => to.map((target) => `${from} ${target}`)));
    expect(new Set(chart.layout.arrows.map(({ from, to }) => `${from} ${to}`))).toEqual(pairs);
    for (const { points } of chart.layout.arrows) expect(points.length).toBeGreaterThan(1);
  });

  test('Mermaid gets the same states and arrows', () => {
    const text = mermaid(outlineOf(callMachine));
    expect(text).toContain('call_running_executing --> call_running_cancelling : call.cancel');
    expect(text).toContain('[*] --> call_planning');
    expect(text).toContain('call_answered --> [*]');
  });

  test('the hash knows a guard that was swapped, and nothing of functions', () => {
    const { config } = callMachine;
    const states = config.states ?? {};
    const swapped = { ...callMachine, config: { ...config, states: { ...states, walking: { always: [] } } } };
    expect(chartHash(swapped as unknown as typeof callMachine)).not.toBe(chartHash(callMachine)); // a chart in name only
    expect(chartHash(callMachine.provide({ guards: { mayRun: () => true } }))).toBe(chartHash(callMachine));
  });
});

const fileOf = (name: string): URL => {
  const own = ['session', 'turn', 'call'].includes(name);
  return new URL(`../machines/${own ? '' : 'tasks/'}${name}.machine.ts`, import.meta.url);
};
