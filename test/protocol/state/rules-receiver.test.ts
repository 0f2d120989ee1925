import assert from 'node:assert/strict';
import {
  accountOf,
  assertInvalid,
  assertValid,
  collectFee,
  createState,
  deposit,
  EMPTY_INDEX,
  forcedExit,
  INDEX,
  ownerAndToken,
  transfer,
  transferToNew,
  withdraw,
} from '../../support/rollup/scene.ts';

const MAX_BALANCE = 2n ** 128n - 1n;

describe('SELF_TRANSFER', () => {
  it('rejects a transfer to oneself', () => {
    assertInvalid(transfer({ to: INDEX.alice, receiver: accountOf('alice') }), 'SELF_TRANSFER');
  });

  it('rejects a transferToNew to oneself, before it says that the receiver exists', () => {
    assertInvalid(transferToNew({ to: INDEX.alice }), 'SELF_TRANSFER');
  });
});

describe('RECEIVER_EMPTY', () => {
  it('rejects a transfer to an empty leaf', () => assertInvalid(transfer({ to: EMPTY_INDEX }), 'RECEIVER_EMPTY'));
  it('rejects fees collected to an empty leaf', () => assertInvalid(collectFee({ to: EMPTY_INDEX }), 'RECEIVER_EMPTY'));
});

describe('RECEIVER_EXISTS', () => {
  it('rejects a transferToNew to an account, even of the same key and owner', () => {
    assertInvalid(transferToNew({ to: INDEX.bob }), 'RECEIVER_EXISTS');
    const { keyY, owner } = accountOf('bob');
    assertInvalid(transferToNew({ to: INDEX.bob, words: [keyY, owner, 0n] }), 'RECEIVER_EXISTS');
  });
});

describe('TOKEN_MISMATCH', () => {
  it('rejects a transfer to an account of another token', () => {
    assertInvalid(transfer({}, 'carol'), 'TOKEN_MISMATCH');
    assertInvalid(transfer({ amountFloat: 0n }, 'carol'), 'TOKEN_MISMATCH');
  });

  it('accepts one between accounts of a token without fees', () => {
    const state = createState({ alice: { tokenId: 9 } });
    assertValid(transfer({}, 'dave'), { state });
  });
});

describe('NOT_FEE_TOKEN of collectFee', () => {
  it('rejects an account whose token is no fee token', () => {
    assertInvalid(collectFee({ to: INDEX.dave }), 'NOT_FEE_TOKEN');
  });

  it('is not fooled by the filler', () => {
    assertInvalid(collectFee(), 'NOT_FEE_TOKEN', { state: createState({ bob: { tokenId: 2 ** 32 - 1 } }) });
  });
});

describe('WITHDRAWAL_MISMATCH', () => {
  it('rejects another owner, token or amount, one bit off', () => {
    const packed = ownerAndToken('alice');
    for (const words of [
      [0n, packed ^ 1n, 100n],
      [0n, packed ^ (1n << 159n), 100n],
      [0n, packed ^ (1n << 160n), 100n],
      [0n, packed ^ (1n << 192n), 100n],
      [0n, packed, 101n],
      [0n, packed, 99n],
      [0n, packed, 0n],
    ]) {
      assertInvalid(withdraw({ words }), 'WITHDRAWAL_MISMATCH');
    }
  });

  it('compares the value of the amount, not its encoding', () => {
    assertValid(withdraw({ amountFloat: (2n << 35n) | 1n, words: [0n, ownerAndToken('alice'), 100n] }));
  });
});

describe('DEPOSIT_MISMATCH', () => {
  it('rejects a deposit to an account with another key, owner or token', () => {
    const { keyY } = accountOf('bob');
    const packed = ownerAndToken('bob');
    for (const words of [
      [keyY ^ 1n, packed, 100n],
      [keyY, packed ^ 1n, 100n],
      [keyY, packed ^ (1n << 160n), 100n],
      [keyY, packed ^ (1n << 191n), 100n],
    ]) {
      assertInvalid(deposit({}, words), 'DEPOSIT_MISMATCH');
    }
  });

  it('accepts any key, owner and token on an empty leaf: a bad key must not stall the queue', () => {
    for (const words of [
      [0n, 0n, 0n],
      [1n, 0n, 1n],
      [accountOf('bob').keyY, ownerAndToken('carol'), 5n],
    ]) {
      const { changes } = assertValid(deposit({ to: EMPTY_INDEX }, words));
      assert.equal(changes[0]!.before, undefined);
      assert.equal(changes[0]!.after!.keyY, words[0]);
    }
  });
});

describe('EXIT_MISMATCH', () => {
  const packed = ownerAndToken('alice');

  it('pays exactly the balance', () => {
    assertInvalid(forcedExit({}, [0n, packed, 999n]), 'EXIT_MISMATCH');
    assertInvalid(forcedExit({}, [0n, packed, 1_001n]), 'EXIT_MISMATCH');
    assertInvalid(forcedExit({}, [0n, packed, 0n]), 'EXIT_MISMATCH');
  });

  it('pays nothing from an empty leaf, or to another owner or token, and is executed all the same', () => {
    for (const [from, words] of [
      [EMPTY_INDEX, [0n, packed, 0n]],
      [INDEX.alice, [0n, packed ^ 1n, 0n]],
      [INDEX.alice, [0n, packed ^ (1n << 160n), 0n]],
      [INDEX.alice, [0n, packed ^ (1n << 192n), 0n]],
      [INDEX.bob, [0n, packed, 0n]],
    ] as const) {
      const { changes, withdrawal } = assertValid(forcedExit({ from }, words));
      assert.deepEqual(changes, []);
      assert.equal(withdrawal, undefined);
      assertInvalid(forcedExit({ from }, [0n, words[1], 1n]), 'EXIT_MISMATCH');
      assertInvalid(forcedExit({ from }, [0n, words[1], 1_000n]), 'EXIT_MISMATCH');
    }
  });

  it('pays the second exit of an account 0', () => {
    const state = createState({ alice: { balance: 0n } });
    assertValid(forcedExit({}, [0n, packed, 0n]), { state });
    assertInvalid(forcedExit({}, [0n, packed, 1_000n]), 'EXIT_MISMATCH', { state });
  });
});

describe('BALANCE_OVERFLOW', () => {
  const full = createState({ bob: { balance: MAX_BALANCE - 100n } });

  it('fills a receiver up to 2^128 − 1 and not beyond', () => {
    const { changes } = assertValid(transfer(), { state: full });
    assert.equal(changes[1]!.after!.balance, MAX_BALANCE);
    assertInvalid(transfer({ amountFloat: 101n }), 'BALANCE_OVERFLOW', { state: full });
  });

  it('fills a depositor up to 2^128 − 1 and not beyond', () => {
    const words = (amount: bigint) => [accountOf('bob').keyY, ownerAndToken('bob'), amount];
    assert.equal(assertValid(deposit({}, words(100n)), { state: full }).changes[0]!.after!.balance, MAX_BALANCE);
    assertInvalid(deposit({}, words(101n)), 'BALANCE_OVERFLOW', { state: full });
    assertInvalid(deposit({}, words(MAX_BALANCE)), 'BALANCE_OVERFLOW', { state: full });
  });

  it('fills a collector up to 2^128 − 1 and not beyond', () => {
    const { changes } = assertValid(collectFee(), { state: full, fees: [100n, 7n, 0n, 0n] });
    assert.equal(changes[0]!.after!.balance, MAX_BALANCE);
    assertInvalid(collectFee(), 'BALANCE_OVERFLOW', { state: full, fees: [101n, 0n, 0n, 0n] });
  });
});
