export * from './apply.ts';
export * from './chunk.ts';
export * from './message.ts';
export * from './part.ts';
export * from './reference.ts';
export * from './state.ts';
