/** One row in full: what came, what it changed, and why. */
import type { Row } from '../story.ts';
import { signal } from '@preact/signals';
import { copy } from './copy.ts';
import { fork } from './load.ts';
import { contextAt, cursor, goTo, here, may, message, nameOf, rows, since, stateAt, story } from './store.ts';

const pretty = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? ''));

const BORN = 'The machine begins; this is its first state.';
const UNHEARD = 'No transition: the machine does not hear this event in its state.';

const Why = ({ row }: { row: Row }) => {
  const { taken = [], guards = [] } = row;
  if (row.taken === undefined) return null;
  return (
    <>
      <h3>Why</h3>
      {taken.length === 0 && <p>{row.type === 'xstate.init' ? BORN : UNHEARD}</p>}
      {taken.map(({ from, to, guard }) => (
        <p class="why">
          <code>{from}</code> → <code>{to.join(', ') || 'stays'}</code>
          {guard !== null && <em> because {guard}</em>}
        </p>
      ))}
      {guards.length > 0 && (
        <ul class="guards">
          {guards.map(({ name, value }) => (
            <li class={value ? 'yes' : 'no'}>
              {value ? '✓' : '✗'} {name}
            </li>
          ))}
        </ul>
      )}
    </>
  );
};

/** Put together only when somebody wants to see it. */
const Whole = ({ actor }: { actor: number }) => {
  const isOpen = wholeIsOpen.value;
  return (
    <details open={isOpen} onToggle={(event) => (wholeIsOpen.value = event.currentTarget.open)}>
      <summary>whole context after this row</summary>
      {isOpen && <pre class="body">{pretty(contextAt(actor, cursor.value))}</pre>}
    </details>
  );
};

const Changes = ({ row }: { row: Row }) => {
  const { changes = [] } = row;
  if (changes.length === 0) return null;
  return (
    <>
      <h3>Context</h3>
      {changes.map(({ op, path, value }) => (
        <div class={`change ${op}`}>
          <code>
            {{ set: '~', add: '+', drop: '−', more: '… and more that was not looked for' }[op]} {path}
          </code>
          {value !== undefined && <pre>{pretty(value)}</pre>}
        </div>
      ))}
    </>
  );
};

const forked = signal('');
const wholeIsOpen = signal(false);

/** The cursor never moves the session: whoever wants to go on from here gets another one, that begins before this message. */
const Fork = () => {
  const at = message.value;
  if (at === null) return null;
  const run = `turnstile fork ${story.value.title} --before ${at.before}`;
  return (
    <>
      <h3>Fork</h3>
      <p>
        before <q>{at.text}</q>{' '}
        {may.value.fork ? (
          <button type="button" class="small" onClick={async () => (forked.value = await fork(at.before))}>
            Fork from here
          </button>
        ) : (
          <button type="button" class="small" onClick={() => (copy(run), (forked.value = run))}>
            Copy command
          </button>
        )}
      </p>
      {forked.value !== '' && <output class="forked">{forked.value}</output>}
    </>
  );
};

export const Detail = () => {
  const row = here.value;
  if (row === undefined) return <aside class="detail" aria-label="Detail" />;
  const { actor, kind, type, seq, t, from, cause, body, after, queued } = row;
  const path = actor === null ? '' : (story.value.actors[actor]?.path ?? '');
  const before = actor === null ? '' : stateAt(actor, cursor.value - 1);
  const origin = cause === null ? undefined : rows.value[cause];
  return (
    <aside class="detail" aria-label="Detail">
      <h2>{type}</h2>
      <p class="facts">
        {kind} {seq !== null && <>· seq {seq}</>} · {since(t)} {path !== '' && <>· {path}</>}{' '}
        {from !== '' && <>· from {from}</>}
        {queued !== undefined && <> · waited behind {queued}</>}
      </p>
      {origin !== undefined && cause !== null && (
        <p>
          caused by{' '}
          <button type="button" class="link" onClick={() => goTo(cause)}>
            {nameOf(origin.actor)} {origin.type} {origin.seq !== null && `#${origin.seq}`}
          </button>
        </p>
      )}
      {after !== undefined && (
        <p class="states">
          <code>{before || '—'}</code> → <code class={before === after ? '' : 'changed'}>{after || '—'}</code>
        </p>
      )}
      <Why row={row} />
      <Changes row={row} />
      {actor !== null && after !== undefined && <Whole actor={actor} />}
      <Fork />
      <h3>{kind === 'input' || kind === 'step' ? 'Event' : 'Record'}</h3>
      <pre class="body">{pretty(body)}</pre>
    </aside>
  );
};
