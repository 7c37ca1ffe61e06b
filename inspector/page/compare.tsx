/** A story and the one beside it, under one cursor: what both did stands on one line, and the step that broke the promise is marked. */
import { computed, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { regressionTest } from '../regression.ts';
import type { BrokenTold, Row } from '../story.ts';
import { copy } from './copy.ts';
import { cursor, goTo, pairs, rows, story } from './store.ts';

interface Line {
  readonly here: number | null;
  readonly there: number | null;
}

const inputsFrom = (from: number, to: number, of: readonly Row[]): readonly number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, n) => from + n).filter((row) => of[row]?.kind === 'input');

const lines = computed((): readonly Line[] => {
  const beside = story.value.beside?.rows ?? [];
  const out: Line[] = [];
  let [here, there] = [0, 0];
  for (const [h, t] of [...pairs.value, [rows.value.length, beside.length] as const]) {
    for (const row of inputsFrom(there, t, beside)) out.push({ here: null, there: row });
    for (const row of inputsFrom(here, h, rows.value)) out.push({ here: row, there: null });
    if (h < rows.value.length) out.push({ here: h, there: t });
    [here, there] = [h + 1, t + 1];
  }
  return out;
});
/** The line at the cursor: that of the last input up to it. */
const current = computed(() => lines.value.findLastIndex(({ here }) => here !== null && here <= cursor.value));
const copied = signal('');

const Step = ({ row, told, broken }: { row: number | null; told: Row | undefined; broken: BrokenTold | undefined }) => {
  if (row === null || told === undefined) return <span class="step none" />;
  const isBroken = broken?.row === row;
  return (
    <span class={isBroken ? 'step broken' : 'step'}>
      <small>{told.seq}</small> {told.type} <i>← {told.from}</i> <span class="after">{told.after}</span>
      {isBroken && <b> ✗ {broken?.promise.split('\n')[0]}</b>}
    </span>
  );
};

const Regression = ({ broken }: { broken: BrokenTold }) => {
  const text = regressionTest(story.value.title, broken);
  if (text === null) return <p class="empty">What was chosen was not written down, so there is no test to copy.</p>;
  return (
    <p>
      <button type="button" class="small" onClick={() => (copy(text), (copied.value = text))}>
        Copy as regression test
      </button>{' '}
      <button type="button" class="small" onClick={() => goTo(broken.row)}>
        Go to the step that broke it
      </button>
      {copied.value !== '' && <pre class="copied">{copied.value}</pre>}
    </p>
  );
};

export const CompareView = () => {
  const { broken, beside, title } = story.value;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.querySelector('.here')?.scrollIntoView({ block: 'nearest' });
  }, [current.value]);
  return (
    <div class="compare">
      {broken !== undefined && (
        <>
          <p class="promise">
            Broken: <b>{broken.promise}</b>
          </p>
          <Regression broken={broken} />
        </>
      )}
      <p class="heads">
        <span>{title}</span>
        <span>{beside?.title ?? 'nothing beside it'}</span>
      </p>
      <ol ref={list}>
        {lines.value.map(({ here, there }, at) => (
          <li
            class={at === current.value ? 'here' : here === null || there === null ? 'alone' : ''}
            onClick={() => goTo(here ?? lines.value.slice(0, at).findLast((line) => line.here !== null)?.here ?? 0)}
          >
            <Step row={here} told={rows.value[here ?? -1]} broken={broken} />
            <Step row={there} told={beside?.rows[there ?? -1]} broken={beside?.broken} />
          </li>
        ))}
      </ol>
    </div>
  );
};
