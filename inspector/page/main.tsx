/** The page: one cursor, and views of it. */
import { render } from 'preact';
import { Actors } from './actors.tsx';
import { ChartView } from './chart.tsx';
import { Control } from './control.tsx';
import { Detail } from './detail.tsx';
import { listenToKeys } from './keys.ts';
import { LanesView } from './lanes.tsx';
import { CompareView } from './compare.tsx';
import { load } from './load.ts';
import { Log } from './log.tsx';
import { FilesView, ModelView } from './model.tsx';
import {
  changesState,
  cursor,
  followOn,
  goTo,
  isFollowing,
  here,
  link,
  rows,
  sameActor,
  seek,
  since,
  story,
  trouble,
  view,
  views,
  type View,
} from './store.ts';
import { TimeView } from './time.tsx';

const NAMES: Readonly<Record<View, string>> = {
  ...{ chart: 'Chart', lanes: 'Lanes', time: 'Time', model: 'Model', files: 'Files', compare: 'Compare' },
};
const SHOWN: Readonly<Record<View, () => preact.JSX.Element>> = {
  ...{ chart: ChartView, lanes: LanesView, time: TimeView, model: ModelView, files: FilesView, compare: CompareView },
};

const Verdict = () => {
  const { kind, inputs, facts } = story.value.verdict;
  if (kind === 'identical')
    return (
      <span class="verdict good">
        replayed ✓ {String(inputs)} inputs, {String(facts)} facts identical
      </span>
    );
  if (kind === 'diverged') return <span class="verdict bad">replay diverged</span>;
  const { why = '', dropped } = story.value.verdict;
  const more = dropped === undefined ? String(why) : `${String(dropped)} later events were not kept`;
  return (
    <span class="verdict" title={more}>
      {String(kind)} {more}
    </span>
  );
};

interface StepProps {
  readonly label: string;
  readonly title: string;
  readonly by: 1 | -1;
  readonly wanted: Parameters<typeof seek>[1];
}
const Step = ({ label, title, by, wanted }: StepProps) => (
  <button type="button" class="small" title={title} aria-label={title} onClick={() => seek(by, wanted)}>
    {label}
  </button>
);
const any = (): boolean => true;

const Scrubber = () => (
  <footer class="scrubber">
    <button type="button" class={isFollowing.value ? 'small on' : 'small'} onClick={followOn}>
      end
    </button>
    <input
      type="range"
      aria-label="Cursor"
      min="0"
      max={Math.max(0, rows.value.length - 1)}
      value={cursor.value}
      onInput={(event) => goTo(Number(event.currentTarget.value))}
    />
    <output>
      {cursor.value + 1} / {rows.value.length} · {here.value === undefined ? '' : since(here.value.t)}
    </output>
    <span class="steps">
      <Step label="◀ state" title="former change of state  [" by={-1} wanted={changesState} />
      <Step label="◀ actor" title="former step of this actor  Shift+←" by={-1} wanted={sameActor} />
      <Step label="◀" title="one step back  ←" by={-1} wanted={any} />
      <Step label="▶" title="one step on  →" by={1} wanted={any} />
      <Step label="actor ▶" title="next step of this actor  Shift+→" by={1} wanted={sameActor} />
      <Step label="state ▶" title="next change of state  ]" by={1} wanted={changesState} />
    </span>
    <small>/ filter · 1–6 views · f follow · Esc</small>
  </footer>
);

const Page = () => {
  const Shown = SHOWN[view.value];
  const { model, cwd } = story.value.head;
  return (
    <div class="page">
      <header class="bar">
        <h1>Turnstile</h1>
        <span class="title">{story.value.title}</span>
        <span>{[model, cwd].filter(Boolean).join(' · ')}</span>
        <Verdict />
        {link.value !== 'none' && (
          <span class={`link-${link.value}`}>{link.value === 'live' ? 'live' : 'reconnecting …'}</span>
        )}
        <span class="warn">contains prompts and file contents</span>
      </header>
      {trouble.value !== '' && (
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
      )}
      <Control />
      <Actors />
      <main>
        <nav class="tabs" role="tablist">
          {views.value.map((name) => (
            <button type="button" role="tab" aria-selected={view.value === name} onClick={() => (view.value = name)}>
              {NAMES[name]}
            </button>
          ))}
        </nav>
        <div class="view">
          <Shown />
        </div>
      </main>
      <Log />
      <Detail />
      <Scrubber />
    </div>
  );
};

const root = document.getElementById('root');
if (root !== null) render(<Page />, root);
listenToKeys();
void load();
