import assert from 'node:assert/strict';
import { chooseAccounts, isDust, MOST_PER_TOKEN } from '../../../packages/sdk/wallet/l1/choice.ts';
import { costsAt } from '../../../packages/sdk/wallet/l1/costs.ts';

const account = (index: number, tokenId: number, balance: bigint) => ({ index, account: { tokenId }, balance });
const LEAST = 100n;

/** Indices of what is chosen, and of what is left with its reason. */
function choose(accounts: readonly ReturnType<typeof account>[], only?: readonly number[]) {
  const { chosen, left } = chooseAccounts(accounts, LEAST, only);
  return { chosen: chosen.map(({ index }) => index), left: left.map(({ item, reason }) => [item.index, reason]) };
}

describe('the accounts that are worth leaving with', () => {
  it('are the largest in ETH first, whatever dust came before them', () => {
    const dust = Array.from({ length: 1_000 }, (_, index) => account(index, 0, 1n));
    const { chosen, left } = choose([...dust, account(2_000, 0, 500n), account(2_001, 0, 700n)]);
    assert.deepEqual(chosen, [2_001, 2_000]);
    assert.equal(left.length, 1_000);
    assert.ok(left.every(([, reason]) => reason === 'dust'));
  });

  it('hold in ETH at least what leaving costs', () => {
    assert.deepEqual(choose([account(1, 0, 99n), account(2, 0, 100n)]), { chosen: [2], left: [[1, 'dust']] });
    assert.deepEqual([isDust(0, 99n, LEAST), isDust(0, 100n, LEAST), isDust(7, 1n, LEAST)], [true, false, false]);
  });

  it('are so many of a token at most, its largest, after all in ETH', () => {
    const many = Array.from({ length: MOST_PER_TOKEN + 2 }, (_, at) => account(at, 9, BigInt(at + 1)));
    const { chosen, left } = choose([...many, account(50, 0, 100n)]);
    assert.deepEqual(chosen, [50, 5, 4, 3, 2]);
    assert.deepEqual(left, [
      [1, 'many'],
      [0, 'many'],
    ]);
  });

  it('are the largest of every token before the second of any', () => {
    const { chosen } = choose([account(1, 9, 5n), account(2, 9, 4n), account(3, 2, 1n), account(4, 0, 100n)]);
    assert.deepEqual(chosen, [4, 3, 1, 2]);
  });

  it('are those that were asked for, whatever they hold', () => {
    const some = [account(1, 0, 1n), account(2, 0, 500n), account(3, 9, 1n)];
    assert.deepEqual(choose(some, [1, 3, 77]), { chosen: [1, 3], left: [[2, 'notChosen']] });
    assert.deepEqual(choose(some, []).chosen, []);
  });

  it('cost the priority fee and gas, or in the exodus the gas of a proof alone', () => {
    const [before, inExodus] = [costsAt(2n, 1_000n, false), costsAt(2n, 1_000n, true)];
    assert.equal(before.account, 1_000n + 2n * before.claim + 2n * 15_000n);
    assert.equal(inExodus.account, 1_000_000n);
    assert.deepEqual([before.claim, before.request], [150_000n, 200_000n]);
  });
});
