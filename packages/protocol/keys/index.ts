export * from './curve.ts';
export * from './derive.ts';
export * from './eddsa.ts';
