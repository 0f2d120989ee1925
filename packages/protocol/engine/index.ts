export * from './changes.ts';
export * from './engine.ts';
export * from './operation.ts';
export * from './pack-trace.ts';
export * from './trace.ts';
