export * from './batch.ts';
export * from './changes.ts';
export * from './engine.ts';
export * from './judge.ts';
export * from './operation.ts';
export * from './pack-trace.ts';
export * from './reference.ts';
export type { Pause } from './reference-run.ts';
export * from './trace.ts';
