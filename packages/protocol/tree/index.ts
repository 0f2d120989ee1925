export * from './account-row.ts';
export * from './leaf.ts';
export * from './merkle-tree.ts';
