import assert from 'node:assert/strict';
import { mayLeaveOverdue, NOOP, nextRollingHash, priorityRecordsOf } from '@quittance/protocol';
import { AbiCoder, keccak256, ZeroHash } from 'ethers';
import { assertCode } from '../../support/assertions.ts';
import {
  collectFee,
  deposit,
  EMPTY_INDEX,
  forcedExit,
  INDEX,
  move,
  transfer,
  withdraw,
} from '../../support/rollup/scene.ts';

const rolling = (previous: string, record: bigint, words: readonly bigint[]) =>
  keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ['bytes32', 'uint256', 'uint256', 'uint256', 'uint256'],
      [previous, record, ...words],
    ),
  );

describe('rolling hash of the priority queue', () => {
  it('leaves out what the producer fills in: the index of a deposit, the amount of an exit', () => {
    const [w0, w1, w2] = deposit().words as [bigint, bigint, bigint];
    const afterDeposit = rolling(ZeroHash, 4n << 120n, [w0, w1, w2]);
    assert.equal(nextRollingHash(ZeroHash, deposit()), afterDeposit);
    assert.equal(nextRollingHash(ZeroHash, deposit({ to: EMPTY_INDEX })), afterDeposit);
    // Only the kind: the queue on L1 knows nothing else of a deposit's record.
    assert.equal(nextRollingHash(ZeroHash, deposit({ from: 1, amountFloat: 1n, feeFloat: 1 })), afterDeposit);

    const exit = forcedExit();
    const record = (5n << 120n) + (BigInt(INDEX.alice) << 88n);
    assert.equal(nextRollingHash(afterDeposit, exit), rolling(afterDeposit, record, [0n, exit.words[1]!, 0n]));
    assert.equal(
      nextRollingHash(afterDeposit, forcedExit({}, [0n, exit.words[1]!, 5n])),
      nextRollingHash(afterDeposit, exit),
    );
  });

  it('changes with everything else', () => {
    const [w0, w1, w2] = deposit().words as [bigint, bigint, bigint];
    const hashes = [
      nextRollingHash(ZeroHash, deposit()),
      nextRollingHash(keccak256('0x01'), deposit()),
      nextRollingHash(ZeroHash, deposit({}, [w0 + 1n, w1, w2])),
      nextRollingHash(ZeroHash, deposit({}, [w0, w1 + 1n, w2])),
      nextRollingHash(ZeroHash, deposit({}, [w0, w1, w2 + 1n])),
      nextRollingHash(ZeroHash, forcedExit()),
      nextRollingHash(ZeroHash, forcedExit({ from: INDEX.bob })),
      nextRollingHash(ZeroHash, forcedExit({}, [0n, 1n, 0n])),
    ];
    assert.equal(new Set(hashes).size, hashes.length);
  });

  it('is for deposits and forced exits only', () => {
    for (const operation of [NOOP, transfer(), collectFee()]) {
      assertCode(() => nextRollingHash(ZeroHash, operation), 'INVARIANT_BROKEN');
    }
  });
});

describe('priority operations of a batch', () => {
  const [first, second] = [deposit(), forcedExit()];

  it('are the first of its visible records, in order', () => {
    assert.deepEqual(priorityRecordsOf([]), []);
    assert.deepEqual(priorityRecordsOf([withdraw()]), []);
    assert.deepEqual(priorityRecordsOf([first, second]), [first, second]);
    assert.deepEqual(priorityRecordsOf([second, first, withdraw(), move()]), [second, first]);
  });

  it('are refused behind another visible record', () => {
    assert.equal(priorityRecordsOf([withdraw(), first]), undefined);
    assert.equal(priorityRecordsOf([first, move(), second]), undefined);
  });

  it('may leave an overdue group only when it does not fit the batch', () => {
    assert.equal(mayLeaveOverdue(31, 1, 32), false);
    assert.equal(mayLeaveOverdue(32, 1, 32), true);
    assert.equal(mayLeaveOverdue(30, 2, 32), false);
    assert.equal(mayLeaveOverdue(31, 2, 32), true);
    assert.equal(mayLeaveOverdue(0, 16, 16), false);
  });

  it('may leave one behind 128 operations, however many slots the batch has', () => {
    assert.equal(mayLeaveOverdue(127, 1, 1_004), false);
    assert.equal(mayLeaveOverdue(128, 1, 1_004), true);
    assert.equal(mayLeaveOverdue(0, 128, 1_004), false);
    assert.equal(mayLeaveOverdue(1, 128, 1_004), true);
  });
});
