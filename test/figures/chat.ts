/**
 * What the chat costs while 1,000 deltas a second stream in: `npm run build && node test/figures/chat.ts [seconds]`.
 *
 *   CPU and memory   of the whole program, in a real terminal (tmux), from /proc
 *   echo             from a key's bytes to the bytes that show it, in process, while the same stream runs
 *   first prompt     CPU until the greeting stands, beside `node -e 0` in the same run
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { startChat } from '../terminal/program.ts';
import { BUILT, openPane } from '../terminal/tmux.ts';

const SECONDS = Number(process.argv[2] ?? 30);
const KEYS = 200;
const BUDGET = { cores: 0.25, megabytes: 130, echoMs: 5 };
/** Thirteen deltas a line, as answers have. */
const LINE = 'some words of an answer that goes on and on for long';
const stream = (seconds: number) => [
  [{ type: 'text', text: Array.from({ length: seconds * 77 }, () => LINE).join('\n'), gap_ms: 1 }],
];
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

const cpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
};
const megabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const chatIn = (folder: string): number => {
  const pids = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`${folder}/script.json`) && !line.includes('/bin/sh'))
    .map((line) => Number.parseInt(line, 10));
  const [pid] = pids;
  if (pid === undefined) throw new Error('the chat does not run');
  return pid;
};

const whileStreaming = async () => {
  const pane = await openPane([], { program: BUILT, script: stream(SECONDS + 10), columns: 100, rows: 40 });
  try {
    await pane.shows('/help lists');
    const pid = chatIn(pane.folder);
    const first = cpuSeconds(pid);
    await pane.text('go');
    await pane.keys('Enter');
    await pane.shows('words of an answer');
    await pause(1_000);
    const [before, since] = [cpuSeconds(pid), performance.now()];
    await pause(SECONDS * 1_000);
    const cores = (cpuSeconds(pid) - before) / ((performance.now() - since) / 1_000);
    return { first, cores, megabytes: megabytes(pid) };
  } finally {
    pane.end();
  }
};

const echo = async (): Promise<readonly number[]> => {
  const { glass, ended } = await startChat(stream(60));
  await glass.shows('/help lists');
  glass.type('go\r');
  await glass.shows('some words');
  const took: number[] = [];
  for (let i = 0; i < KEYS; i += 1) {
    const before = glass.bytes().length;
    const letter = String.fromCharCode(0x61 + (i % 26)).toUpperCase();
    const since = performance.now();
    glass.type(letter);
    while (!glass.bytes().slice(before).includes(letter)) await new Promise((resolve) => setImmediate(resolve));
    took.push(performance.now() - since);
    if (i % 40 === 39) glass.type('\x15');
    await pause(20 + (i % 7));
  }
  for (let i = 0; i < 5; i += 1) {
    glass.type('\x03');
    await pause(200);
  }
  await ended;
  return took.sort((a, b) => a - b);
};

const bare = (): number => {
  const runs = 7;
  const cost = Array.from({ length: runs }, () => {
    const script =
      'process.on("exit",()=>{const{userCPUTime:u,systemCPUTime:s}=process.resourceUsage();console.log((u+s)/1e6)})';
    return Number(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout);
  });
  return cost.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN;
};

const node = bare();
const streaming = await whileStreaming();
const times = await echo();
const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
const row = (what: string, value: string, budget: string) =>
  console.log(`${what.padEnd(34)} ${value.padEnd(20)} ${budget}`);
row(
  'CPU while 1,000 deltas/s stream',
  `${(100 * streaming.cores).toFixed(1)} % of a core`,
  `budget ${100 * BUDGET.cores} %`,
);
row('memory then', `${streaming.megabytes.toFixed(0)} MB`, `budget ${BUDGET.megabytes} MB`);
row('key echo p50 / p95', `${at(0.5).toFixed(2)} / ${at(0.95).toFixed(2)} ms`, `budget ${BUDGET.echoMs} ms`);
row('first prompt, CPU beside node -e 0', `${(streaming.first / node).toFixed(1)} ×`, '');
