/** Who takes part: wallets on L2, and accounts on L1. Keys are computed once for all worlds. */

import { createPerson } from '../rollup/person.ts';

/** They pay each other. */
export const WALLETS = ['ann', 'bea', 'cyd', 'dan', 'eve', 'fay'].map(createPerson);

/** Gets the fees. */
export const OPERATOR = createPerson('operator');

/** Accounts on L1. */
export const L1 = {
  /** Of the sequencer, and of its watcher, which answers disputes. */
  producer: `0x${'a1'.repeat(20)}`,
  /** Of the second and the third node of a cluster. */
  producers: [`0x${'a2'.repeat(20)}`, `0x${'a3'.repeat(20)}`],
  /** Disputes lies. */
  challenger: `0x${'c2'.repeat(20)}`,
  /** May produce, and lies. */
  liar: `0x${'b3'.repeat(20)}`,
  /** Disputes what is right. */
  griefer: `0x${'d4'.repeat(20)}`,
  /** Everybody else. */
  user: `0x${'e5'.repeat(20)}`,
} as const;
