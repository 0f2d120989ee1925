import assert from 'node:assert/strict';
import { type Account, RecordKind } from '@quittance/protocol';
import { chunkCount, slotCount, worldSeed } from '../support/property/arbitraries.ts';
import { property } from '../support/property/property.ts';
import type { ExecutedChunk } from '../support/rollup/execute-chunk.ts';
import { World } from '../support/rollup/world.ts';

/** Money per token. */
class Ledger {
  readonly #sums = new Map<number, bigint>();

  add(token: number, amount: bigint): void {
    this.#sums.set(token, (this.#sums.get(token) ?? 0n) + amount);
  }

  /** Without the tokens of which there is none. */
  entries(): [number, bigint][] {
    return [...this.#sums].filter(([, sum]) => sum !== 0n).sort(([left], [right]) => left - right);
  }
}

const tokenOf = (ownerAndToken: bigint) => Number(ownerAndToken >> 160n);

/** Replays the effects of a chunk over plain accounts and checks every step. */
function replay(chunk: ExecutedChunk, accounts: Map<number, Account>, net: Ledger): void {
  const { context, slots } = chunk.trace;
  for (const [slot, { operation }] of slots.entries()) {
    const { changes, fees, withdrawal } = chunk.effects[slot]!;
    const { kind } = operation.fields;
    if (kind === RecordKind.deposit) net.add(tokenOf(operation.words[1]!), operation.words[2]!);
    if (withdrawal !== undefined) net.add(tokenOf(withdrawal.ownerAndToken), -withdrawal.amount);
    for (const { index, before, after } of changes) {
      assert.deepEqual(before, accounts.get(index), `slot ${slot} changes another account than there was`);
      assert.ok(after !== undefined, 'a leaf once written is never emptied');
      if (before !== undefined) {
        assert.deepEqual([after.keyY, after.owner, after.tokenId], [before.keyY, before.owner, before.tokenId]);
        assert.ok(after.nonce >= before.nonce);
      }
      accounts.set(index, after);
    }
    const held = new Ledger();
    for (const { tokenId, balance } of accounts.values()) held.add(tokenId, balance);
    for (const [position, sum] of fees.entries()) held.add(Number(context.feeTokens[position]), sum);
    assert.deepEqual(held.entries(), net.entries(), `slot ${slot} of kind ${kind} makes or loses money`);
  }
}

describe('money', () => {
  let held = 0;
  property(
    'is conserved per token at every step: deposits − withdrawals = balances + fee sums',
    [worldSeed(), chunkCount(), slotCount()],
    (seed, chunks, slots) => {
      const world = new World(seed);
      const accounts = new Map<number, Account>();
      const net = new Ledger();
      for (let chunk = 0; chunk < chunks; chunk += 1) replay(world.randomChunk(slots), accounts, net);
      assert.deepEqual(new Map(world.state.accounts()), accounts);
      held += net.entries().length;
    },
    // A short run may pay out all that it took in; not all runs do.
    { runs: 5, afterAll: () => assert.ok(held > 0) },
  );
});
