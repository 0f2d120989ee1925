/** Deposits on an L1 that a sequencer follows. */

import { addressText } from '@quittance/protocol';
import type { RollupContract } from '../contracts/types.ts';
import type { Person } from '../rollup/person.ts';

/** Deposits base units of ETH for somebody, at the fee of the moment, and waits until a block has it. */
export async function depositFor(
  rollup: RollupContract,
  { keyPair, owner }: Pick<Person, 'keyPair' | 'owner'>,
  amount: bigint,
): Promise<void> {
  const value = amount + (await rollup.priorityFee());
  await (await rollup.deposit(0, amount, keyPair.publicKey.y, addressText(owner), { value })).wait();
}
