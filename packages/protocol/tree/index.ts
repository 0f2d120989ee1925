export * from './leaf.ts';
export * from './merkle-tree.ts';
