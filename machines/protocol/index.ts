/** The words everyone shares: what may be asked, what has happened, what is remembered. */
export * from './approval.ts';
export * from './error.ts';
export * from './event.ts';
export * from './item.ts';
export * from './op.ts';
export * from './review.ts';
export * from './usage.ts';
