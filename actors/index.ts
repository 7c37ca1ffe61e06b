/** The library: `import { createRuntime } from 'turnstile'`. What stands here may be relied upon; the rest is ours to change. */
export type { OpenOptions, Reply, Runtime, RuntimeConfig, Session, SessionView } from './contract.ts';
export { CannotOpen, createRuntime, type RuntimeDeps } from './runtime.ts';
export * from '../machines/protocol/index.ts';
export { callMachine } from '../machines/call.machine.ts';
export { sessionMachine } from '../machines/session.machine.ts';
export { compactMachine } from '../machines/tasks/compact.machine.ts';
export { regularMachine } from '../machines/tasks/regular.machine.ts';
export { turnMachine } from '../machines/turn.machine.ts';
