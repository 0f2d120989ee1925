/** Schemas of the JSON-RPC interface and the types that follow from them: the sequencer checks by them, clients are typed by them. */

export * from './binary.ts';
export * from './common.ts';
export * from './history.ts';
export * from './methods.ts';
export * from './reads.ts';
export * from './reference.ts';
export * from './summaries.ts';
export * from './transfer.ts';
export * from './version.ts';
