/** How much memory a flood costs: runs the script, says what became of it and how much the process grew. */
import { createProcesses } from '../../actors/processes/processes.ts';
import { bash, run } from './bench.ts';

const processes = createProcesses();
const spillFolder = process.argv[3] ?? null;
await run(bash('head -c 3000000 /dev/zero'), processes, { publish: () => {} }); // everything is loaded and warm
const before = process.memoryUsage.rss();
const peak = { rss: before };
const clock = setInterval(() => (peak.rss = Math.max(peak.rss, process.memoryUsage.rss())), 20);
const { result, output } = await run(bash(process.argv[2]!), processes, { publish: () => {}, spillFolder });
clearInterval(clock);
processes.close();
console.log(
  JSON.stringify({
    grewBytes: Math.max(peak.rss, process.memoryUsage.rss()) - before,
    ending: result.ending,
    keptBytes: Buffer.byteLength(result.output),
    omittedBytes: result.omittedBytes,
    end: result.output.slice(-20),
    spill: result.spill,
    durationMs: result.durationMs,
    shown: output,
  }),
);
