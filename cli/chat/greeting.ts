/** The first lines: who answers, what confines, and the way out of the rehearsal. Pure. */
import type { RuntimeConfig } from '../../actors/contract.ts';
import type { FactOf } from '../../machines/protocol/index.ts';
import type { Cell } from './cells.ts';

const notice = (tone: Extract<Cell, { kind: 'notice' }>['tone'], text: string): Cell => ({
  kind: 'notice',
  tone,
  text,
});

export const greeting = (config: RuntimeConfig): readonly Cell[] => {
  const { provider, model, version, cwd, approval, sandbox } = config;
  return [
    notice('plain', `turnstile ${version} · ${provider.id} · ${model} · ${cwd}`),
    ...(provider.wire === 'rehearsal' && provider.script === undefined
      ? [
          notice(
            'warn',
            'This is the embedded rehearsal model, offline. For a real one: set OPENAI_API_KEY or ANTHROPIC_API_KEY, or -c model_provider=ollama.',
          ),
        ]
      : []),
    ...(provider.envKey !== null && provider.apiKey === null
      ? [notice('warn', `${provider.id} needs a key, and ${provider.envKey} is not set.`)]
      : []),
    ...(sandbox.kind === 'fullAccess' && approval === 'never'
      ? [notice('warn', 'No sandbox and no questions: whatever the model wants is done.')]
      : []),
    notice('dim', '/help lists what can be typed · Ctrl-C interrupts'),
  ];
};

/** A sandbox is wanted and there is none. */
export const sandboxWarning = (config: RuntimeConfig, fact: FactOf<'session.configured'>): readonly Cell[] => {
  const isWanted = config.sandbox.kind === 'readOnly' || config.sandbox.kind === 'workspaceWrite';
  const isMissing = isWanted && (fact.sandbox.backend === 'direct' || fact.sandbox.backend === 'none');
  return isMissing
    ? [notice('warn', 'No sandbox can be used here (turnstile doctor says why): nothing runs without your approval.')]
    : [];
};
