import { describe, expect, it } from 'vitest';
import { commandEnvironment } from './environment.ts';

const ours = {
  PATH: '/bin',
  HOME: '/h',
  EDITOR: 'vi',
  OPENAI_API_KEY: 'k',
  github_token: 't',
  DB_PASSWORD: 'p',
  MY_SECRET: 's',
  GOOGLE_APPLICATION_CREDENTIALS: 'c',
  SSH_AUTH_SOCK: '/s',
  DBUS_SESSION_BUS_ADDRESS: 'd',
  GONE: undefined,
};

describe('E.11: the environment of commands', () => {
  it('keeps secrets out unless told otherwise', () => {
    expect(commandEnvironment(ours)).toEqual({ PATH: '/bin', HOME: '/h', EDITOR: 'vi' });
    expect(commandEnvironment(ours, { ignore_default_excludes: true })).toMatchObject({
      OPENAI_API_KEY: 'k',
      github_token: 't',
    });
  });

  it('applies inherit, exclude, set and include_only, in this order', () => {
    expect(commandEnvironment(ours, { inherit: 'core' })).toEqual({ PATH: '/bin', HOME: '/h' });
    expect(commandEnvironment(ours, { inherit: 'none', set: { A: '1', API_KEY: 'wanted' } })).toEqual({
      A: '1',
      API_KEY: 'wanted',
    });
    expect(commandEnvironment(ours, { exclude: ['ed*'], set: { EDITOR_2: 'x' } })).toEqual({
      PATH: '/bin',
      HOME: '/h',
      EDITOR_2: 'x',
    });
    expect(commandEnvironment(ours, { set: { A: '1' }, include_only: ['P?TH', 'A'] })).toEqual({
      PATH: '/bin',
      A: '1',
    });
  });
});
