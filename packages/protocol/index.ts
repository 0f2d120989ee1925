/** The rules of the rollup: pure, deterministic, and the same in a browser. */

export * from './address.ts';
export * from './batch/index.ts';
export * from './blob/index.ts';
export * from './channels/index.ts';
export * from './engine/index.ts';
export * from './errors/index.ts';
export * from './hash.ts';
export * from './integers.ts';
export * from './keys/index.ts';
export * from './little-endian.ts';
export * from './params.ts';
export * from './proof.ts';
export * from './records/index.ts';
export * from './state/index.ts';
export * from './step/index.ts';
export * from './tree/index.ts';
export * from './types.ts';
