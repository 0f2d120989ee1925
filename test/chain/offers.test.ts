import { strict as assert } from 'node:assert';
import { afterOffer, chooseNonce, isNonceRefusal, isReservedRefusal } from '../../packages/chain/offers.ts';

const ACCOUNT = `0x${'aa'.repeat(20)}`;

describe('Chain: the nonce of a transaction', () => {
  it('is the account’s next', () => {
    assert.equal(chooseNonce(ACCOUNT, 5, undefined), 5);
  });

  it('is the one that was fixed when that is the next', () => {
    assert.equal(chooseNonce(ACCOUNT, 5, 5), 5);
  });

  it('is not one that is used already', () => {
    assert.throws(() => chooseNonce(ACCOUNT, 5, 4), { code: 'NONCE_TAKEN', data: { account: ACCOUNT, nonce: 4 } });
  });

  it('is not one that the account has not reached', () => {
    assert.throws(() => chooseNonce(ACCOUNT, 5, 6), {
      code: 'NONCE_AHEAD',
      data: { account: ACCOUNT, nonce: 6, next: 5 },
    });
  });
});

describe('Chain: what a node refuses because of the nonce', () => {
  const refusals = [
    ['geth', { message: 'already known' }, true],
    ['geth', { message: 'nonce too low: next nonce 6, tx nonce 5' }, true],
    ['geth', { message: 'replacement transaction underpriced' }, true],
    ['ethers', { code: 'NONCE_EXPIRED', message: 'x' }, true],
    ['ethers', { code: 'REPLACEMENT_UNDERPRICED', message: 'x' }, true],
    ['anvil', { message: 'transaction already imported' }, true],
    ['geth’s pool of blobs', { message: 'replacement transaction underpriced: new tx gas fee cap 2 < 4' }, true],
    ['Nethermind', { message: 'ReplacementNotAllowed' }, true],
    ['geth', { message: 'insufficient funds for gas * price + value' }, false],
    ['a proxy', { message: '502 Bad Gateway' }, false],
    ['a node of another chain', { message: 'invalid chain id for signer' }, false],
  ] as const;
  for (const [who, error, expected] of refusals) {
    it(`is ${expected ? '' : 'not '}what ${who} says with "${'code' in error ? error.code : error.message}"`, () => {
      assert.equal(isNonceRefusal(error), expected);
    });
  }
});

describe('Chain: what a node refuses because of a pending transaction with blobs, or without', () => {
  const refusals = [
    ['geth', 'address already reserved', true],
    ['reth', 'transaction type 2 conflicts with existing transaction for 0xaa', true],
    ['an older Nethermind', 'PendingTxsOfConflictingType', true],
    ['Nethermind', 'pending transaction type conflict', true],
    ['Erigon', "can't replace blob-txn with a non-blob-txn type", true],
    ['geth', 'replacement transaction underpriced', false],
    ['geth', 'already known', false],
  ] as const;
  for (const [who, message, expected] of refusals) {
    it(`is ${expected ? '' : 'not '}what ${who} says with "${message}"`, () => {
      assert.equal(isReservedRefusal({ message }), expected);
    });
  }
});

describe('Chain: after an offer', () => {
  const waiting = { isTaken: true, nextNonce: 5, isIncluded: false, canRaise: true };

  it('waits when the node took it', () => assert.equal(afterOffer(waiting, 5), 'wait'));
  it('ends when an offer is included', () => assert.equal(afterOffer({ ...waiting, isIncluded: true }, 5), 'end'));
  it('ends when an earlier offer is included and the node refused the last', () => {
    assert.equal(afterOffer({ isTaken: false, nextNonce: 6, isIncluded: true, canRaise: true }, 5), 'end');
  });
  it('gives up when another transaction has the nonce', () => {
    assert.equal(afterOffer({ ...waiting, isTaken: false, nextNonce: 6 }, 5), 'giveUp');
  });
  it('raises the fee at once when others pay more', () => {
    assert.equal(afterOffer({ ...waiting, isTaken: false }, 5), 'raise');
  });
  it('waits when others pay more and the limit leaves no room', () => {
    assert.equal(afterOffer({ ...waiting, isTaken: false, canRaise: false }, 5), 'wait');
  });
});
