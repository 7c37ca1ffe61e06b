import { describe, expect, it } from 'vitest';
import type { HookInput } from '../../machines/hook.contract.ts';
import { HOOK_INPUT_CHARS } from '../../machines/limits.ts';
import { isAbout, payloadOf } from './payload.ts';

const about = { sessionId: 's', journal: null, cwd: '/w', model: 'm', approval: 'never' };
const call = { turnId: 't', callId: 'c' };
const command: HookInput = {
  ...{ hook: 'beforeTool', ...call, tool: 'shell', args: '{"command":["ls","-l"],"timeout_ms":5}' },
  view: { kind: 'command', command: 'ls -l', argv: ['ls', '-l'], cwd: '/w' },
};
const patch: HookInput = {
  ...{ hook: 'afterTool', ...call, tool: 'apply_patch', args: '{"input":"…"}', status: 'completed', output: 'ok' },
  view: { kind: 'patch', changes: [{ path: '/w/a', kind: 'add', diff: '' }] },
};
const remote: HookInput = {
  ...{ hook: 'beforeTool', ...call, tool: 'mcp__files__read', args: '{"path":"/w"}' },
  view: { kind: 'mcp', server: 'files', tool: 'read', args: '{"path":"/w"}' },
};
const told = (input: HookInput) => JSON.parse(payloadOf(input, about)) as Record<string, Record<string, unknown>>;
const chooses = (matcher: string | null, input: HookInput) => isAbout({ hook: input.hook, matcher }, input);

describe('what a hook is told', () => {
  it('says what runs in the words of the field', () => {
    expect(told(command)).toMatchObject({
      ...{ hook_event_name: 'PreToolUse', tool_name: 'Bash', tool_use_id: 'c', permission_mode: 'never' },
      tool_input: { command: 'ls -l', workdir: '/w', timeout_ms: 5 },
    });
    expect(told(patch)).toMatchObject({
      ...{ hook_event_name: 'PostToolUse', tool_name: 'apply_patch', tool_response: { status: 'completed' } },
      tool_input: { paths: ['/w/a'], file_path: '/w/a' },
    });
    expect(told(remote)).toMatchObject({ tool_name: 'mcp__files__read', tool_input: { path: '/w' } });
    expect(told({ hook: 'stop', turnId: 't', lastAgentMessage: null, round: 1 })).toMatchObject({
      ...{ stop_hook_active: true, last_assistant_message: null },
    });
  });

  it('is bounded, and JSON whatever the model wrote', () => {
    const wild = { ...remote, args: `{${'x'.repeat(3 * HOOK_INPUT_CHARS)}` };
    expect(payloadOf(wild, about).length).toBeLessThan(2 * HOOK_INPUT_CHARS);
    expect(told({ ...remote, args: '[1' })['tool_input']).toEqual({ input: '[1' });
  });
});

describe('which hook a tool concerns', () => {
  it.each([
    ['Bash', command, true],
    ['shell', command, true],
    ['Bas', command, false],
    ['Edit|Write', patch, true],
    ['mcp__files__.*', remote, true],
    ['mcp__files', remote, false],
    [null, remote, true],
  ] as const)('%s', (matcher, input, expected) => {
    expect(chooses(matcher, input)).toBe(expected);
  });

  it('where there are no names, a matcher says nothing; another place is another place', () => {
    expect(chooses('never', { hook: 'promptSubmit', turnId: 't', prompt: 'p' })).toBe(true);
    expect(isAbout({ hook: 'stop', matcher: null }, command)).toBe(false);
    expect(chooses('resume', { hook: 'sessionStart', source: 'startup' })).toBe(false);
  });
});
