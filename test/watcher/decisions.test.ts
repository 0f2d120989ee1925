import { strict as assert } from 'node:assert';
import { invariantBroken, RollupError } from '@quittance/protocol';
import { feeAlert } from '../../watcher/dispute/action-alerts.ts';
import { failureOf, isDeepEnough, judgePrice, nonceFor } from '../../watcher/dispute/decisions.ts';
import type { Task } from '../../watcher/dispute/plan.ts';
import type { ChunkCase } from '../../watcher/dispute/situation.ts';

const collect = (credit: bigint): Task => ({ move: 'collect', key: 'collect', credit });
const about = (move: 'dispute' | 'answer'): Task => ({
  ...{ move, key: move },
  chunkCase: { blockNumber: 10 } as ChunkCase,
});

describe('Watcher: the nonce of an action', () => {
  const on = { head: { number: 20 }, nonce: 7, free: 9 };
  const begun = (nonce: number) => ({ key: 'x', nonce, state: 'begun', block: 0 }) as const;
  const included = (block: number, nonce = 7) => ({ key: 'x', nonce, state: 'included', block }) as const;

  it('is the next free one for an action that was never begun', () => {
    assert.equal(nonceFor(undefined, on), 9);
  });

  it('is the same again as long as L1 had not used it up when the situation was read', () => {
    assert.equal(nonceFor(begun(7), on), 7);
    assert.equal(nonceFor(begun(8), on), 8);
    assert.equal(nonceFor(included(20), on), 7);
  });

  it('is a new one when it was used up and the action is still to be done', () => {
    assert.equal(nonceFor(begun(6), on), 9);
    assert.equal(nonceFor(included(20, 6), on), 9);
  });

  it('is unknown to a node behind the block that included it', () => {
    assert.equal(nonceFor(included(21), on), undefined);
    assert.equal(nonceFor(included(21, 6), on), undefined);
  });
});

describe('Watcher: the depth of what it disputes', () => {
  it('counts the block of the assertion, and matters for bonds alone', () => {
    assert.equal(isDeepEnough(about('dispute'), { number: 10 }, 1), true);
    assert.equal(isDeepEnough(about('dispute'), { number: 10 }, 2), false);
    assert.equal(isDeepEnough(about('dispute'), { number: 11 }, 2), true);
    assert.equal(isDeepEnough(about('answer'), { number: 10 }, 2), true);
  });
});

describe('Watcher: the price of an action', () => {
  const cost = { gas: 100n, costWei: 1_000n };

  it('may be as high as the limit, and no higher', () => {
    assert.equal(judgePrice(about('answer'), cost, 10n), 'fair');
    assert.equal(judgePrice(about('answer'), cost, 9n), 'feeTooHigh');
  });

  it('is too much for a credit that it does not leave anything of', () => {
    assert.equal(judgePrice(collect(1_001n), cost, 10n), 'fair');
    assert.equal(judgePrice(collect(1_000n), cost, 10n), 'notWorthGas');
    assert.equal(judgePrice(collect(1_000n), cost, 1n), 'notWorthGas');
  });

  it('above the limit is told once an hour', () => {
    const keyAt = (nowMs: number) => feeAlert(about('answer'), cost, 9n, nowMs).key;
    assert.equal(keyAt(0), keyAt(3_599_999));
    assert.notEqual(keyAt(0), keyAt(3_600_000));
  });
});

describe('Watcher: an action that failed', () => {
  const rejected = (error: string) => new RollupError('L1_REJECTED', 'L1 says no', { error });

  it('is refused when the dry run is, and failed when it was sent', () => {
    assert.deepEqual(failureOf(rejected('WrongPhase'), false), {
      result: 'refused',
      reason: 'WrongPhase',
      isAlarming: false,
    });
    assert.deepEqual(failureOf(rejected('WrongPhase'), true), {
      result: 'failed',
      reason: 'WrongPhase',
      isAlarming: true,
    });
  });

  it('waits, in silence, when its nonce is not the account’s next one any more, or not yet', () => {
    for (const error of [
      new RollupError('NONCE_TAKEN', 'taken', { account: '0x', nonce: 1 }),
      new RollupError('NONCE_AHEAD', 'ahead', { account: '0x', nonce: 2, next: 1 }),
    ]) {
      for (const wasSent of [false, true]) {
        assert.deepEqual(failureOf(error, wasSent), { result: 'waiting', reason: error.code, isAlarming: false });
      }
    }
  });

  it('waits, in silence, for blobs that are on their way', () => {
    const error = new RollupError('BLOB_LATE', 'late', { blockNumber: 1 });
    assert.deepEqual(failureOf(error, false), { result: 'waiting', reason: 'BLOB_LATE', isAlarming: false });
  });

  it('waits, and people hear of it, when it may still be included', () => {
    const error = new RollupError('TRANSACTION_STUCK', 'late', { nonce: 1 });
    assert.deepEqual(failureOf(error, true), { result: 'waiting', reason: 'TRANSACTION_STUCK', isAlarming: true });
  });

  it('waits, in silence, when what it needs is not there any more', () => {
    const error = new RollupError('MOVE_OUTDATED', 'not answered', { assertionId: 1n });
    assert.deepEqual(failureOf(error, false), { result: 'waiting', reason: 'MOVE_OUTDATED', isAlarming: false });
  });

  it('ends the look when it is about the watcher itself', () => {
    assert.equal(failureOf(new TypeError('x'), false), undefined);
    assert.equal(failureOf(new RollupError('DATABASE_DAMAGED', 'x'), true), undefined);
    assert.equal(failureOf(invariantBroken('x'), true), undefined);
  });
});
