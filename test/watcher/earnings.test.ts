/** What an account earned, by events alone. */

import { strict as assert } from 'node:assert';
import type { AssertionEvent } from '@quittance/chain';
import { earningsOf } from '../../watcher/index.ts';

const [LIAR, WATCHER, RIVAL] = [`0x${'1a'.repeat(20)}`, `0x${'2b'.repeat(20)}`, `0x${'3c'.repeat(20)}`] as const;
const BONDS = { assertionBond: 100n, disputeBond: 10n };

let position = 0;
const at = (event: object): AssertionEvent => {
  position += 1;
  return { transactionHash: `0x${position}`, blockNumber: position, logIndex: 0, ...event } as AssertionEvent;
};
const asserted = (assertionId: bigint, asserter: string, isProven = false) =>
  at({ type: 'asserted', assertionId, asserter, isProven });
const disputed = (disputeId: bigint, assertionId: bigint, disputer: string) =>
  at({ type: 'disputed', disputeId, assertionId, disputer, chunk: 0 });
const settled = (disputeId: bigint, isLost: boolean) => at({ type: 'disputeSettled', disputeId, isLost });
const rejected = (assertionId: bigint, winner: string) =>
  at({ type: 'rejected', assertionId, number: 7, winner, unanswered: false });
const summary = (account: string, events: readonly AssertionEvent[]) => {
  const { earnedWei, lostWei, stakedWei, lies } = earningsOf(account, events, BONDS);
  return { earnedWei, lostWei, stakedWei, lies: lies.length };
};

describe('Watcher: earnings', () => {
  it('are half of the bond for who showed a lie, whose bond is gone', () => {
    const events = [asserted(1n, LIAR), disputed(1n, 1n, WATCHER), rejected(1n, WATCHER), settled(1n, false)];
    assert.deepEqual(summary(WATCHER, events), { earnedWei: 50n, lostWei: 0n, stakedWei: 0n, lies: 1 });
    assert.deepEqual(summary(LIAR, events), { earnedWei: 0n, lostWei: 100n, stakedWei: 0n, lies: 0 });
    const [lie] = earningsOf(WATCHER.toUpperCase().replace('0X', '0x'), events, BONDS).lies;
    assert.deepEqual([lie?.batch, lie?.asserter, lie?.reward], [7, LIAR, 50n]);
  });

  it('are a lost bond for who disputed what was right, and half of it for its asserter', () => {
    const events = [
      asserted(1n, WATCHER),
      disputed(1n, 1n, RIVAL),
      settled(1n, true),
      at({ type: 'bondReleased', assertionId: 1n }),
    ];
    assert.deepEqual(summary(RIVAL, events), { earnedWei: 0n, lostWei: 10n, stakedWei: 0n, lies: 0 });
    assert.deepEqual(summary(WATCHER, events), { earnedWei: 5n, lostWei: 0n, stakedWei: 0n, lies: 0 });
  });

  it('count what is locked, nothing for batches with proofs, and a bond that its own proof burned', () => {
    const events = [asserted(1n, WATCHER), asserted(2n, WATCHER, true), disputed(1n, 1n, RIVAL)];
    assert.deepEqual(summary(WATCHER, events), { earnedWei: 0n, lostWei: 0n, stakedWei: 100n, lies: 0 });
    assert.deepEqual(summary(RIVAL, events), { earnedWei: 0n, lostWei: 0n, stakedWei: 10n, lies: 0 });
    const burned = [...events, at({ type: 'bondForfeited', assertionId: 1n })];
    assert.deepEqual(summary(WATCHER, burned), { earnedWei: 0n, lostWei: 100n, stakedWei: 0n, lies: 0 });
  });

  it('name the transactions of the account once', () => {
    const { transactionHash } = asserted(1n, LIAR);
    const one = { ...asserted(1n, WATCHER), transactionHash };
    const other = { ...disputed(1n, 1n, WATCHER), transactionHash };
    assert.deepEqual(earningsOf(WATCHER, [one, other, disputed(2n, 1n, RIVAL)], BONDS).transactionHashes, [
      transactionHash,
    ]);
  });
});
