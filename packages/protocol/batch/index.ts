export * from './abi.ts';
export * from './assertion.ts';
export * from './chunk.ts';
export * from './clocks.ts';
export * from './header.ts';
export * from './next-header.ts';
export * from './priority.ts';
export * from './withdrawals.ts';
