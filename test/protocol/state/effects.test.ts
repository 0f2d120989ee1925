import assert from 'node:assert/strict';
import {
  accountOf,
  assertValid,
  collectFee,
  createState,
  DESTINATION,
  deposit,
  EMPTY_INDEX,
  forcedExit,
  INDEX,
  move,
  NEWCOMER,
  NO_FEES,
  ownerAndToken,
  transfer,
  transferToNew,
  unsigned,
  withdraw,
} from '../../support/rollup/scene.ts';

const [alice, bob] = [accountOf('alice'), accountOf('bob')];
const paid = { role: 'sender', index: INDEX.alice, before: alice, after: { ...alice, balance: 893n, nonce: 6 } };

describe('effects', () => {
  it('of a noop are none', () => {
    assert.deepEqual(assertValid(unsigned(0), { fees: [1n, 2n, 3n, 4n] }), { changes: [], fees: [1n, 2n, 3n, 4n] });
  });

  it('of a transfer: the sender pays amount and fee, the receiver gets the amount', () => {
    const { changes, fees, withdrawal } = assertValid(transfer({ feeFloat: 7 }), { fees: [10n, 20n, 0n, 0n] });
    assert.deepEqual(changes, [
      paid,
      { role: 'receiver', index: INDEX.bob, before: bob, after: { ...bob, balance: 1_100n } },
    ]);
    assert.deepEqual(fees, [17n, 20n, 0n, 0n]);
    assert.equal(withdrawal, undefined);
  });

  it('of a transferToNew: an account with the sender’s token and nonce 0', () => {
    const { changes, fees } = assertValid(transferToNew({ feeFloat: 7 }));
    const created = { ...NEWCOMER, tokenId: 0, nonce: 0, balance: 100n };
    assert.deepEqual(changes, [paid, { role: 'receiver', index: EMPTY_INDEX, before: undefined, after: created }]);
    assert.deepEqual(fees, [7n, 0n, 0n, 0n]);
  });

  it('of a withdraw: a withdrawal to the account’s owner', () => {
    const { changes, fees, withdrawal } = assertValid(withdraw({ feeFloat: 7 }));
    assert.deepEqual(changes, [paid]);
    assert.deepEqual(fees, [7n, 0n, 0n, 0n]);
    assert.deepEqual(withdrawal, { ownerAndToken: ownerAndToken('alice'), amount: 100n });
  });

  it('of a move: a withdrawal that names its destination and the key there, and no leaf at that number', () => {
    const target = { destination: DESTINATION.number, keyY: DESTINATION.keyY };
    for (const to of [DESTINATION.number, INDEX.bob, INDEX.alice]) {
      const { changes, fees, withdrawal, transactionId } = assertValid(move({ feeFloat: 7, to }));
      assert.deepEqual(changes, [paid]);
      assert.deepEqual(fees, [7n, 0n, 0n, 0n]);
      const expected = { ownerAndToken: ownerAndToken('alice'), amount: 100n, move: { ...target, destination: to } };
      assert.deepEqual(withdrawal, expected);
      assert.equal(typeof transactionId, 'bigint');
    }
  });

  it('of a deposit to an account: its balance and nothing else', () => {
    const { changes, fees } = assertValid(deposit(), { fees: [5n, 0n, 0n, 0n] });
    assert.deepEqual(changes, [
      { role: 'receiver', index: INDEX.bob, before: bob, after: { ...bob, balance: 1_100n } },
    ]);
    assert.deepEqual(fees, [5n, 0n, 0n, 0n]);
  });

  it('of a deposit to an empty leaf: an account with nonce 0', () => {
    const words = [9n, 5n + 2n ** 160n * 3n, 100n];
    const { changes } = assertValid(deposit({ to: EMPTY_INDEX }, words));
    const created = { keyY: 9n, owner: 5n, tokenId: 3, nonce: 0, balance: 100n };
    assert.deepEqual(changes, [{ role: 'receiver', index: EMPTY_INDEX, before: undefined, after: created }]);
  });

  it('of a forced exit: everything is paid, the nonce stays', () => {
    const { changes, fees, withdrawal } = assertValid(forcedExit());
    assert.deepEqual(changes, [
      { role: 'sender', index: INDEX.alice, before: alice, after: { ...alice, balance: 0n } },
    ]);
    assert.deepEqual(fees, NO_FEES);
    assert.deepEqual(withdrawal, { ownerAndToken: ownerAndToken('alice'), amount: 1_000n });
  });

  it('of a collectFee: the sum of the account’s token, which becomes 0, and no other', () => {
    const { changes, fees } = assertValid(collectFee({ to: INDEX.carol }), { fees: [10n, 20n, 30n, 40n] });
    assert.equal(changes[0]!.index, INDEX.carol);
    assert.equal(changes[0]!.after!.balance, 1_020n);
    assert.deepEqual(fees, [10n, 0n, 30n, 40n]);
  });

  it('of a collectFee when there is nothing to collect: no more balance', () => {
    assert.equal(assertValid(collectFee()).changes[0]!.after!.balance, 1_000n);
  });

  it('name the signed message as the transaction id, which differs for each nonce', () => {
    const first = assertValid(transfer());
    const second = assertValid(transfer({ nonce: 6 }), { state: createState({ alice: { nonce: 6 } }) });
    assert.equal(typeof first.transactionId, 'bigint');
    assert.notEqual(first.transactionId, second.transactionId);
    assert.equal(assertValid(deposit()).transactionId, undefined);
  });
});
