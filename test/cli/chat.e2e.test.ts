import { beforeAll, describe, expect, it } from 'vitest';
import { newPlace } from './program.ts';

let place: ReturnType<typeof newPlace>;
beforeAll(() => {
  place = newPlace();
});

const chat = (lines: string, ...args: string[]) => {
  const running = place.start(['--plain', ...args], { stdin: 'pipe' });
  running.child.stdin?.end(lines);
  return running.ended;
};

describe('the plain chat', () => {
  it('hears how the session is configured, also from the second start on, when everything is quick', async () => {
    for (const _ of [1, 2]) {
      const { out, code } = await chat('/status\nsay hi\n/status\n');
      expect(out.slice(out.lastIndexOf('model '))).toContain('read-only · network off');
      expect(code).toBe(0);
    }
  });

  it('34: leaves a command running in the background, lists it, and stops it', async () => {
    const { out, code } = await chat('run cat in the background\n/ps\n/stop\n', '-s', 'danger-full-access');
    expect(code).toBe(0);
    expect(out).toMatch(/goes on in the background: cat · session \d+ · pid \d+/);
    expect(out).toMatch(/ s {2}& cat · session \d+ · pid \d+/);
    expect(out).toMatch(/cat · session \d+ · pid \d+: stopped/);
  });

  it('asks before something leaves the sandbox, and takes a no with its reason', async () => {
    const script = place.script(
      [
        {
          type: 'call',
          name: 'shell',
          args: {
            command: 'touch /etc/turnstile-proof',
            with_escalated_permissions: true,
            justification: 'to prove it',
          },
        },
      ],
      [{ type: 'text', text: 'as you wish' }],
    );
    const { out, code } = await chat('go\nleave /etc alone\n', '--rehearse', script);
    expect(code).toBe(0);
    for (const part of [
      '? approve 1/1',
      '$ touch /etc/turnstile-proof',
      'to prove it',
      'declined',
      'leave /etc alone',
      'as you wish',
    ])
      expect(out).toContain(part);
  });

  it.each([
    ['SIGHUP', 129],
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('R25: on %s it is gone within three seconds, with what it started', async (signal, expected) => {
    const running = place.start(
      ['--plain', '--rehearse', place.script([{ type: 'shell', command: 'echo begun; sleep 60' }]), 'go'],
      {
        stdin: 'pipe',
      },
    );
    await running.said('sleep 60');
    const since = performance.now();
    running.child.kill(signal);
    if (signal === 'SIGINT') {
      // The first one interrupts the turn; twice more, at rest, it quits.
      await running.said('interrupted by you');
      running.child.kill(signal);
      await running.said('again quits');
      running.child.kill(signal);
    }
    const { code } = await running.ended;
    expect(performance.now() - since).toBeLessThan(3_000);
    expect(code).toBe(signal === 'SIGINT' ? 0 : expected);
  });
});
