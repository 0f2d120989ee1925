export * from './apply.ts';
export * from './execute.ts';
export * from './message.ts';
export * from './state.ts';
