/** The worker in which the protocol is spoken: made when the first server is opened, ended when nobody needs it. */
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './words.ts';

/** What the SDK and the longest messages need. Megabytes. */
const HEAP_MB = 256;

export interface Thread {
  post(message: ToWorker): void;
  end(): void;
}

/** In the sources it stands beside us; bundled, it is beside the program. */
const program = (): URL =>
  import.meta.url.endsWith('.ts')
    ? new URL('./worker.ts', import.meta.url)
    : new URL(import.meta.url.replace(/\/dist\/.*$/, '/dist/mcp.js'));

export const startThread = (onMessage: (message: FromWorker) => void, onLoss: (why: string) => void): Thread => {
  const over = new AbortController(); // aborted: nothing of it is heard any more
  const resourceLimits = { maxOldGenerationSizeMb: HEAP_MB };
  // What a library prints in there is for nobody: our own streams are lines of JSON, or a screen.
  const worker = new Worker(program(), { execArgv: [], stdout: true, stderr: true, resourceLimits });
  for (const stream of [worker.stdout, worker.stderr]) stream.resume();
  const lose = (why: string) => {
    if (over.signal.aborted) return;
    over.abort();
    onLoss(why);
  };
  worker.on('message', (message: FromWorker) => {
    if (!over.signal.aborted) onMessage(message);
  });
  worker.on('error', (error) => lose(`the thread of the protocol broke: ${error.message}`));
  worker.on('exit', () => lose('the thread of the protocol ended'));
  return {
    post: (message) => worker.postMessage(message),
    end: () => {
      over.abort();
      void worker.terminate();
    },
  };
};
