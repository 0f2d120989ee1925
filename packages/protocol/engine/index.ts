export * from './changes.ts';
export * from './engine.ts';
export * from './operation.ts';
export * from './trace.ts';
