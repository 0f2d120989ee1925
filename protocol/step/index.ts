export * from './authorization.ts';
export * from './commitment.ts';
export * from './witness.ts';
