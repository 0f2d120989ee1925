/** Calls of the rollup in a play of optimistic mode: requests, claims, fees; and the comparison of all money. */

import assert from 'node:assert/strict';
import { packOwnerAndToken, type RecordData, RecordKind, withdrawalProof } from '@quittance/protocol';
import { record } from '../contracts/batch.ts';
import { latestTime } from '../contracts/deployment.ts';
import { connectedTo } from '../contracts/types.ts';
import type { Person } from '../rollup/person.ts';
import type { AssertionsPlay } from './play.ts';
import type { FinalBatch } from './rollup-ledger.ts';

/** Half of each lost bond goes there. */
export const BURN_ADDRESS = `0x${'00'.repeat(18)}dEaD`;

async function enqueue({ world, ledger }: AssertionsPlay, operation: RecordData): Promise<void> {
  const [, deadline] = await world.rollup.priorityOperation(ledger.queue.length);
  ledger.queue.push({ operation, deadline: Number(deadline) });
}

export async function deposit(play: AssertionsPlay, person: Person, tokenId: number, amount: bigint): Promise<void> {
  const { rollup, parameters, ethers } = play.world;
  const owner = ethers.toBeHex(person.owner, 20);
  const keyY = person.keyPair.publicKey.y;
  const value = BigInt(parameters.priorityFee) + (tokenId === 0 ? amount : 0n);
  const isTaken = await play.agree(
    'deposit',
    () => !play.model.isExodus,
    () => rollup.deposit(tokenId, amount, keyY, owner, { value }),
  );
  const words = [keyY, packOwnerAndToken(person.owner, tokenId), amount];
  if (isTaken) await enqueue(play, record(RecordKind.deposit, words));
}

/** By somebody who owns no account: it pays nothing, but its place in the queue counts. */
export async function requestExit(play: AssertionsPlay, index: number, tokenId: number): Promise<void> {
  const { rollup, parameters, owner } = play.world;
  const isTaken = await play.agree(
    'requestExit',
    () => !play.model.isExodus,
    () => rollup.requestExit(index, tokenId, { value: parameters.priorityFee }),
  );
  const words = [0n, packOwnerAndToken(BigInt(owner.address), tokenId), 0n];
  if (isTaken) await enqueue(play, record(RecordKind.forcedExit, words, index));
}

/** Some of the withdrawals of a final batch. */
export async function claim(play: AssertionsPlay, { built, unclaimed }: FinalBatch): Promise<void> {
  const { header, withdrawals } = built;
  const chosen = [...unclaimed].filter(() => play.random.chance(0.5));
  const proofs = chosen.map((index) => ({
    index,
    ...withdrawals[index]!,
    siblings: withdrawalProof(withdrawals, index),
  }));
  await play.agree(
    `claimWithdrawals of ${header.number}`,
    () => true,
    () => play.world.rollup.claimWithdrawals(header, proofs),
  );
  for (const index of chosen) unclaimed.delete(index);
}

export async function collectFees(play: AssertionsPlay, signer: AssertionsPlay['world']['producer']): Promise<void> {
  const { fees } = play.ledger;
  await play.agree(
    'collectFees',
    () => (fees.get(signer.address) ?? 0n) > 0n,
    () => connectedTo(play.world.rollup, signer).collectFees(),
  );
  fees.delete(signer.address);
}

/** Compares what the contracts hold and say with the model and the ledger. */
export async function checkMoney({ world, model, ledger, cast, random }: AssertionsPlay): Promise<void> {
  const { ethers, rollup, assertions } = world;
  const balanceOf = (address: string) => ethers.provider.getBalance(address);
  const rollupAddress = await rollup.getAddress();
  const totals = [0, 1].map((tokenId) => ledger.total(tokenId));

  assert.equal(await balanceOf(await assertions.getAddress()), model.balance, 'bonds and credits');
  assert.equal(await balanceOf(BURN_ADDRESS), model.burned, 'burned');
  for (const [tokenId, total] of totals.entries()) {
    assert.equal(await rollup.trackedTotal(tokenId), total, `tracked total of token ${tokenId}`);
  }
  assert.equal(await balanceOf(rollupAddress), totals[0]! + ledger.unpaidFees(), 'ETH of the rollup');
  assert.equal(await cast.token.balanceOf(rollupAddress), totals[1], 'tokens of the rollup');

  if (ledger.oldest !== undefined) {
    const [, deadline] = await rollup.priorityOperation(ledger.tip.header.priorityCount);
    assert.equal(deadline, BigInt(ledger.oldest.deadline), 'deadline of the oldest');
  }
  const finalNumber = BigInt(model.finals.length - 1);
  const range = [finalNumber, finalNumber + BigInt(model.waiting.length)];
  assert.deepEqual([...(await assertions.pendingRange())], range, 'what waits');
  assert.equal(await assertions.isFinalizable(), model.isFinalizable(await latestTime(world)), 'isFinalizable');
  const some = model.assertions.at(-1 - random.below(4));
  if (some === undefined) return;
  assert.equal(await assertions.isPending(some.id), some.status === 'waiting', `whether ${some.id} waits`);
  assert.equal(
    await assertions.creditOf(some.asserter),
    model.credits.get(some.asserter) ?? 0n,
    'credit of an asserter',
  );
}
