/** Servers of tools through the program (R22, R38): its lines, and what is left when it is ended. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { factsOf } from '../../actors/processes/procfs.ts';
import { linesOf, newPlace } from '../cli/program.ts';
import { becomes } from '../processes/bench.ts';
import { everything, heardIn, pidIn, SOON_MS } from './mcp.kit.ts';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'turnstile-mcp-'));
  folders.push(folder);
  return folder;
};
const exec = (folder: string, script: string) => [
  ...['exec', '--json', '--skip-git-repo-check', '--rehearse', script],
  ...everything('every', folder).flatMap((line) => ['-c', line]),
  'go',
];
const call = (tool: string, args: Record<string, unknown>) => [{ type: 'call', name: `mcp__every__${tool}`, args }];
const END = [{ type: 'text', text: 'done' }];

it('exec tells of a call as mcp_tool_call, refuses what would need a person, and leaves nothing alive', async () => {
  const [place, folder] = [newPlace(), newFolder()];
  const args = { name: 'x.gz', data: 'data:text/plain,hello', outputType: 'resource' };
  const script = place.script(call('echo', { message: 'hi' }), call('gzip-file-as-resource', args), END);
  const { code, out } = await place.run(exec(folder, script));
  expect(code).toBe(0);
  const items = linesOf(out).flatMap((line) => (line.type === 'item.completed' ? [line['item']] : []));
  const common = { type: 'mcp_tool_call', server: 'every' };
  const result = { content: [{ type: 'text', text: 'Echo: hi' }] };
  expect(items).toContainEqual(
    expect.objectContaining({ ...common, tool: 'echo', arguments: { message: 'hi' }, result, status: 'completed' }),
  );
  expect(items).toContainEqual(
    expect.objectContaining({ ...common, tool: 'gzip-file-as-resource', status: 'declined', outcome: 'declined' }),
  );
  expect(factsOf(pidIn(folder, 'every'))).toBeNull();
});

it.each(['SIGTERM', 'SIGKILL'] as const)('%s of the program ends the server, too', async (signal) => {
  const [place, folder] = [newPlace(), newFolder()];
  const script = place.script(call('trigger-long-running-operation', { duration: 600, steps: 1 }), END);
  const running = place.start(exec(folder, script));
  await running.said('mcp_tool_call');
  expect(await becomes(() => heardIn(folder, 'every').includes('tools/call'), SOON_MS)).toBe(true);
  const pid = pidIn(folder, 'every');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  expect(children.length).toBeGreaterThan(0);
  running.child.kill(signal);
  await running.ended;
  expect(await becomes(() => [pid, ...children].every((one) => factsOf(one) === null), SOON_MS)).toBe(true);
});
