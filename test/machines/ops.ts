/** What a user may ask, by name, as far as it depends on what runs and on what was asked of them. */
import type { Op } from '../../machines/protocol/index.ts';
import { COMPACT_AT } from './choices.ts';

export type Told = Op extends infer O ? (O extends { id: string } ? Omit<O, 'id'> : never) : never;

/** Alone enough to reach the threshold, and kept by every compaction. */
const MUCH = 'much '.repeat(COMPACT_AT);
/** Of so many questions, the newest ones, anybody may still speak. */
const REMEMBERED_QUESTIONS = 3;

const decide = (approvalId: string, kind: 'approve' | 'approveForSession' | 'deny' | 'abort') =>
  ({ type: 'op.decide', approvalId, decision: { kind } }) as const;

export const opsOf = (turnId: string, questions: readonly string[]): readonly (readonly [string, Told])[] => [
  ['say', { type: 'op.say', text: 'do' }],
  ['steer', { type: 'op.steer', text: 'left', turnId }],
  ['preempt', { type: 'op.steer', text: 'now', turnId, policy: 'preempt' }],
  ['queue', { type: 'op.queue', text: 'later' }],
  ['interrupt', { type: 'op.interrupt' }],
  ['compact', { type: 'op.compact' }],
  ['review', { type: 'op.review', target: '' }],
  ['shell', { type: 'op.shell', command: 'ls' }],
  ['shell hidden', { type: 'op.shell', command: 'ls', hidden: true }],
  ['say much', { type: 'op.say', text: MUCH }],
  ['steer wrong', { type: 'op.steer', text: 'left', turnId: 'turn-0' }],
  ['interrupt wrong', { type: 'op.interrupt', turnId: 'turn-0' }],
  ['say nothing', { type: 'op.say', text: ' ' }],
  ['queue nothing', { type: 'op.queue', text: '' }],
  ['shell nothing', { type: 'op.shell', command: '' }],
  ['rewind', { type: 'op.rewind', turns: 1 }],
  ['rewind files', { type: 'op.rewind', turns: 1, files: true }],
  ['decide unknown', decide('nobody', 'approve')],
  ['stop', { type: 'op.stop' }],
  ['close', { type: 'op.close' }],
  ...questions
    .slice(-REMEMBERED_QUESTIONS)
    .flatMap((approvalId, n) => [
      [`approves ${n}`, decide(approvalId, 'approve')] as const,
      [`denies ${n}`, decide(approvalId, 'deny')] as const,
      [`grants ${n}`, decide(approvalId, 'approveForSession')] as const,
      [`aborts ${n}`, decide(approvalId, 'abort')] as const,
      [`mistakes ${n}`, { ...decide(approvalId, 'approve'), planHash: 'another' }] as const,
    ]),
];
