/** What a process has spent when it ends: CPU of all its threads, its peak of memory, and which of Node's own parts it loaded. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export interface Spent {
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly parts: readonly string[];
}

/** Told on a descriptor of its own, since the streams are the program's. */
const REPORT_FD = 3;
const REPORT = `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const told = { cpuMs: (userCPUTime + systemCPUTime) / 1e3, peakMiB: maxRSS / 1024, parts: process.moduleLoadList };
  require('node:fs').writeSync(${REPORT_FD}, JSON.stringify(told));
});`;

export interface Place {
  readonly folder: string;
  readonly home: string;
  run(args: readonly string[]): Promise<Spent>;
  remove(): void;
}

/** A folder to work in and a home of its own, so that nobody's configuration counts. */
export const newPlace = (): Place => {
  const folder = mkdtempSync(join(tmpdir(), 'turnstile-bench-'));
  const [home, report] = [join(folder, 'home'), join(folder, 'report.cjs')];
  writeFileSync(report, REPORT);
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, TURNSTILE_HOME: home, LANG: 'C.UTF-8' };

  const run = (args: readonly string[]): Promise<Spent> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ['--require', report, ...args], {
        cwd: folder,
        env,
        stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      });
      const told = { said: '', report: '' };
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (told.said = (told.said + chunk).slice(-2_000)));
      const line = child.stdio[REPORT_FD] as Readable;
      line.setEncoding('utf8').on('data', (chunk: string) => (told.report += chunk));
      child.on('error', reject);
      child.on('close', (code) => {
        if (code === 0 && told.report !== '') resolve(JSON.parse(told.report) as Spent);
        else reject(new Error(`${args.join(' ')} ended with ${code}: ${told.said}`));
      });
    });
  return { folder, home, run, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
