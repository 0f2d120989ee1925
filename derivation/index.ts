/** Batches, state and proofs from L1 alone. */

export * from './rebuild.ts';
export * from './replay.ts';
