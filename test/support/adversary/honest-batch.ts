/** What the honest producer of the arena asserts, and the accounts that it and the liar find there. */

import { packOwnerAndToken, type RecordData, RecordKind, type RollupState } from '@quittance/protocol';
import type { ChunkScript } from '../optimistic/claimed-chunk.ts';
import { chunkOf } from '../optimistic/lie-chunks.ts';
import { createLieState, HOLDERS, holderAccount } from '../optimistic/lie-scene.ts';
import { collectOf, type Holder, priorityOf, type SlotScript, transferOf } from '../optimistic/slot-scripts.ts';
import { createPerson } from '../rollup/person.ts';

const { alice, bob } = HOLDERS;

/** Someone with an account whose owner can sign on L1: it deposits, and asks to leave. */
export function createLeaver(address: string): Holder {
  return { ...createPerson('leaver'), owner: BigInt(address), index: 9 };
}

/** The accounts of lies, and the leaver's. */
export function createArenaState(leaver: Holder): RollupState {
  const state = createLieState();
  state.write({ index: leaver.index, after: holderAccount(leaver, { balance: 500n }) });
  return state;
}

/** A deposit goes to the leaver's account, if it is its own, and an exit wherever it was asked for. */
export const executeRightly =
  (operation: RecordData, leaver: Holder): SlotScript =>
  (slot) => {
    const isDeposit = operation.fields.kind === RecordKind.deposit;
    return priorityOf(operation, isDeposit ? leaver.index : 0)(slot);
  };

/** The record of a deposit in the queue. */
export const depositRecord = ({ keyPair, owner }: Holder, amount: bigint): RecordData => ({
  fields: { kind: RecordKind.deposit, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 },
  words: [keyPair.publicKey.y, packOwnerAndToken(owner, 0), amount],
});

/** The record of an exit in the queue, asked for by an L1 address. */
export const exitRecord = (from: number, owner: bigint): RecordData => ({
  fields: { kind: RecordKind.forcedExit, from, to: 0, amountFloat: 0n, feeFloat: 0 },
  words: [0n, packOwnerAndToken(owner, 0), 0n],
});

/**
 * A chunk of transfers whose fees are collected; it leaves everybody as rich as before, so any number can follow.
 *
 * @param middle stands between the transfers.
 */
export function honestChunk(...middle: readonly SlotScript[]): ChunkScript {
  const there = transferOf(alice, bob.index, 5n, { fee: 1n });
  const back = transferOf(bob, alice.index, 6n);
  return chunkOf(there, ...middle, back, collectOf(bob.index));
}

/** A batch that executes what waits in the queue. */
export function honestChunks(operations: readonly RecordData[], leaver: Holder): ChunkScript[] {
  const { slots, ...rest } = honestChunk();
  const executed = operations.map((operation) => executeRightly(operation, leaver));
  return [{ ...rest, slots: [...executed, ...slots] }, honestChunk()];
}
