/** Turns that leave commands running, and words with them: what the tests of background terminals share. */
import { factsOf } from '../../actors/processes/procfs.ts';
import type { Turn } from '../model-server/scenario.ts';
import { live, say, type Live, type Wanted } from './stage.ts';

export const alive = (pid: number) => factsOf(pid) !== null;

const open: Live[] = [];
/** After each test. */
export const closeAll = async () => {
  for (const one of open.splice(0)) await one.close();
};
export const begin = async (wanted: Wanted): Promise<Live> => {
  const on = await live(wanted);
  open.push(on);
  return on;
};

/** The shortest wait there is. Milliseconds. */
const YIELD_MS = 250;
export const exec = (...cmds: readonly string[]): Turn => ({
  items: cmds.map((cmd) => ({ type: 'call', name: 'exec_command', args: { cmd, yield_time_ms: YIELD_MS } })),
});
export const type = (session_id: string, chars: string, yield_time_ms = 1_000): Turn => ({
  items: [{ type: 'call', name: 'write_stdin', args: { session_id: Number(session_id), chars, yield_time_ms } }],
});

/** A turn that leaves the command running; where its shell has said who it is. */
export const leave = async (cmd: string, wanted: Partial<Wanted> = {}) => {
  const on = await begin({ turns: [exec(cmd), say('left')], ...wanted });
  await on.say('go');
  const first = await on.ended(0);
  if (first.type !== 'turn.completed') throw new Error(JSON.stringify(first));
  const { terminalId, pid } = await on.nth('terminal.started');
  /** Types in the nth turn, and hands over what was heard. */
  const talks = async (nth: number, chars: string) => {
    on.server.load({ turns: [type(terminalId, chars), say('ok')] });
    await on.say('on');
    await on.ended(nth);
    return on.of('call.finished')[nth]?.output ?? '';
  };
  return { on, terminalId, pid: pid ?? 0, talks };
};
