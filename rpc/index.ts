export * from '../sequencer/api/schema/index.ts';
