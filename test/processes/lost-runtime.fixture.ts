/** A runtime with one command, to be killed by a test: or to end by itself in one of two ways. */
import { createProcesses } from '../../actors/processes/processes.ts';
import { bash, start } from './bench.ts';

const processes = createProcesses();
const test = start(bash(process.argv[2] ?? 'true'), processes);
await test.printed('ready');
console.log('ready');
if (process.argv[3] === 'exit') process.exit();
if (process.argv[3] === 'close') processes.close();
await test.report;
