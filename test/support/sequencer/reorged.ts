/** What tests of deep reorgs say and ask of a sequencer with money on it. */

import { strict as assert } from 'node:assert';
import type { Person } from '../rollup/person.ts';
import { createPayerHarness, type PayerHarness } from './payer.ts';

export interface Reorged {
  readonly harness: PayerHarness;
  /** A deposit in a block of its own. */
  deposit(person: Person, amount: bigint): void;
  /** Waits until so many operations of the queue are in the log. */
  takenOn(count: number): Promise<void>;
  /** Mines one block after the other until something is taken back. */
  untilCertain(): Promise<void>;
  /** Settles everything: one chain on L1 and here, and all money that was deposited is there, once. */
  assertWhole(): Promise<void>;
  /** Entries of the log that opened batches again. */
  unseals(): number;
  balanceOf(person: Person, tag?: 'latest' | 'finalized'): bigint;
}

/** A sequencer that is behind nothing, on a chain that goes on. */
export async function createReorged(...options: Parameters<typeof createPayerHarness>): Promise<Reorged> {
  const harness = await createPayerHarness(...options);
  harness.chain.mine(1);
  const status = () => harness.sequencer.status();
  const unseals = () => [...harness.storage.log.range(1)].filter(({ entry }) => entry.type === 'unseal').length;
  return {
    harness,
    deposit: ({ keyPair, owner }, amount) => void harness.chain.deposit(keyPair.publicKey.y, owner, 0, amount),
    takenOn: (count) => harness.until(() => status().priorityOperations === count, 'the operations'),
    async untilCertain() {
      const before = unseals();
      const isTakenBack = (): boolean => {
        assert.equal(status().halted, undefined);
        if (unseals() > before) return true;
        harness.chain.mine(1);
        return false;
      };
      await harness.until(isTakenBack, 'something taken back');
    },
    async assertWhole() {
      await harness.until(() => status().trouble === undefined, 'the end of trouble');
      await harness.settle();
      // What was final here may have to come to L1 again.
      await harness.until(() => harness.chain.posted.at(-1)?.number === status().finalBatch, 'the same batch on L1');
      const { halted, trouble, finalBatch } = status();
      assert.deepEqual([halted, trouble], [undefined, undefined]);
      assert.equal(harness.chain.posted.at(-1)?.stateRoot, harness.storage.batches.last()?.header.stateRoot);
      let held = 0n;
      for (const [, { tokenId, balance }] of harness.storage.leaves.stateAfter(finalBatch)) {
        if (tokenId === 0) held += balance;
      }
      const paidOut = harness.storage.batches
        .range(1, finalBatch)
        .flatMap(({ number }) => harness.storage.outcomes.withdrawalsOf(number))
        .reduce((sum, { amount }) => sum + amount, 0n);
      assert.equal(held + paidOut, harness.chain.deposited.get(0));
    },
    unseals,
    balanceOf: (person, tag = 'latest') =>
      harness.sequencer.queries
        .accountsOf(person.owner, tag, 100, -1)
        .reduce((sum, { account }) => sum + account.balance, 0n),
  };
}
