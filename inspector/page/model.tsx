/** The model's requests with what they cost, the fill of the window, and the files of each turn. */
import { cursor, files, fills, goTo, lasting, requests, since } from './store.ts';

const Sparkline = () => {
  const points = fills.value;
  const last = points.findLast(({ row }) => row <= cursor.value) ?? points.at(-1);
  if (last === undefined) return null;
  const size = Math.max(1, last.size);
  const line = points.map(
    ({ used }, at) => `${(at / Math.max(1, points.length - 1)) * 300},${40 - (used / size) * 38}`,
  );
  return (
    <p>
      <svg
        class="spark"
        width="300"
        height="42"
        viewBox="0 0 300 42"
        role="img"
        aria-label="Fill of the context window"
      >
        <polyline points={line.join(' ')} />
      </svg>{' '}
      window {last.used} of {last.size} tokens ({Math.round((last.used / size) * 100)} %)
    </p>
  );
};

export const ModelView = () => (
  <div class="model">
    <Sparkline />
    <table>
      <thead>
        <tr>
          <th>request</th>
          <th>at</th>
          <th>took</th>
          <th>ended</th>
          <th>in</th>
          <th>cached</th>
          <th>out</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {requests.value.map(({ row, attempt, actor, from, to, outcome, usage, error }) => (
          <tr class={row <= cursor.value ? '' : 'future'} onClick={() => goTo(row)}>
            <td>
              {actor.split('/').at(-1)} {attempt}
            </td>
            <td>{since(from)}</td>
            <td>{to === null ? '' : lasting(to - from)}</td>
            <td class={outcome}>{outcome}</td>
            <td>{usage?.input}</td>
            <td>{usage?.cachedInput}</td>
            <td>{usage?.output}</td>
            <td>{error}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const kindOf = (line: string): string => {
  if (line.startsWith('+') && !line.startsWith('+++')) return 'add';
  if (line.startsWith('-') && !line.startsWith('---')) return 'drop';
  return line.startsWith('@@') ? 'hunk' : 'same';
};

export const FilesView = () => (
  <div class="files">
    {files.value.length === 0 && <p class="empty">No turn changed a file.</p>}
    {files.value.map(({ row, turnId, diff }) => (
      <section class={row <= cursor.value ? '' : 'future'}>
        <h3>
          <button type="button" class="link" onClick={() => goTo(row)}>
            {turnId}
          </button>
        </h3>
        <pre class="diff">
          {diff.split('\n').map((line) => (
            <span class={kindOf(line)}>{`${line}\n`}</span>
          ))}
        </pre>
      </section>
    ))}
  </div>
);
