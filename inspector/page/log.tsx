/** Every row, windowed: only what is seen is in the document, however long the session was. */
import { useEffect, useRef } from 'preact/hooks';
import { signal } from '@preact/signals';
import { cursor, goTo, nameOf, placeIn, query, rows, shown, since } from './store.ts';

const ROW_PX = 22;
const MARGIN_ROWS = 10;

const top = signal(0);
const height = signal(400);

const brief = (body: unknown): string => {
  if (typeof body !== 'object' || body === null) return body === undefined ? '' : String(body);
  const { type: _, ...rest } = body as Readonly<Record<string, unknown>>;
  const text = JSON.stringify(rest);
  return text === '{}' ? '' : text.slice(0, 240);
};

const Line = ({ row }: { row: number }) => {
  const told = rows.value[row];
  if (told === undefined) return null;
  const { kind, seq, t, actor, type, from, after, body } = told;
  const classes = ['row', kind, row === cursor.value ? 'here' : row > cursor.value ? 'future' : ''].join(' ');
  return (
    <div class={classes} role="row" aria-selected={row === cursor.value} onClick={() => goTo(row)}>
      <span class="seq">{seq ?? '·'}</span>
      <span class="t">{since(t)}</span>
      <span class="who">{nameOf(actor)}</span>
      <span class="what">
        <b>{type}</b>
        {from !== '' && <i> ← {from.split('/').at(-1)}</i>} <small>{brief(body)}</small>
      </span>
      <span class="after">{after}</span>
    </div>
  );
};

export const Log = () => {
  const box = useRef<HTMLDivElement>(null);
  const first = Math.max(0, Math.floor(top.value / ROW_PX) - MARGIN_ROWS);
  const last = Math.min(shown.value.length, Math.ceil((top.value + height.value) / ROW_PX) + MARGIN_ROWS);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => (height.value = element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = box.current;
    const y = Math.max(0, placeIn(shown.value, cursor.value)) * ROW_PX;
    if (element !== null && (y < element.scrollTop || y > element.scrollTop + element.clientHeight - ROW_PX))
      element.scrollTop = y - element.clientHeight / 2;
  }, [cursor.value, shown.value]);
  return (
    <section class="log">
      <header>
        <input
          type="search"
          aria-label="Filter"
          placeholder="filter: actor:turn ev:op.* state:aborting kind:fact guard:… t>12s -word   (press /)"
          value={query.value}
          onInput={(event) => (query.value = event.currentTarget.value)}
        />
        <button
          type="button"
          class={query.value === 'failed' ? 'small on' : 'small'}
          onClick={() => (query.value = query.value === 'failed' ? '' : 'failed')}
        >
          failed only
        </button>
        <output>
          {shown.value.length} of {rows.value.length}
        </output>
      </header>
      <div
        class="rows"
        role="log"
        tabIndex={0}
        ref={box}
        onScroll={(event) => (top.value = event.currentTarget.scrollTop)}
      >
        <div style={{ height: `${shown.value.length * ROW_PX}px`, position: 'relative' }}>
          <div style={{ transform: `translateY(${first * ROW_PX}px)` }}>
            {shown.value.slice(first, last).map((row) => (
              <Line key={row} row={row} />
            ))}
          </div>
        </div>
      </div>
    </section>
  );
};
