import assert from 'node:assert/strict';
import { RollupError } from '@quittance/protocol';
import { dustOf, payUnpaid } from '../../../packages/sdk/wallet/l1/claim.ts';
import { payGroups } from '../../../packages/sdk/wallet/l1/refusals.ts';

describe('payments of a wallet', () => {
  /** Pays numbers but for odd ones, as a token that does not move. */
  const pay = async (group: readonly number[]) => {
    if (group.some((item) => item % 2 === 1))
      throw new RollupError('L1_REJECTED', 'the token does not move', { error: 'TransferFailed' });
    return group.map((item) => 10 * item);
  };

  it('go past what L1 refuses, in a group of others and alone', async () => {
    const { paid, refused } = await payGroups([[0, 2], [4, 5, 6], [7], [8]], pay);
    assert.deepEqual(paid, [0, 20, 40, 60, 80]);
    assert.deepEqual(
      refused.map(({ item, reason }) => [item, reason]),
      [
        [5, 'the token does not move'],
        [7, 'the token does not move'],
      ],
    );
  });

  it('stop when the next one would fail as well', async () => {
    for (const [code, data] of [
      ['INSUFFICIENT_FUNDS', { account: '0x', balance: 0n, needed: 1n }],
      ['L1_UNREACHABLE', {}],
      ['TIMEOUT', {}],
    ] as const) {
      let calls = 0;
      const failing = async (): Promise<number[]> => {
        calls += 1;
        throw new RollupError(code, 'no', data);
      };
      await assert.rejects(payGroups([[1, 2], [3]], failing), { code });
      assert.equal(calls, 1);
    }
  });

  it('are described before any is made: none is lost from the list for a token that cannot be', async () => {
    let sent = 0;
    const claim = { header: { number: 4 }, index: 0, ownerAndToken: 7n, amount: 5n, siblings: [] };
    const context = {
      sender: {
        async transact() {
          sent += 1;
          return { hash: '0x1' };
        },
      },
      findToken: () => Promise.reject(new RollupError('L1_UNREACHABLE', 'gone')),
    } as unknown as Parameters<typeof payUnpaid>[0];
    const unpaid = { withdrawals: [claim], moves: [] } as unknown as Parameters<typeof payUnpaid>[1];
    await assert.rejects(payUnpaid(context, unpaid, { owner: 1n, to: undefined }, {}), { code: 'L1_UNREACHABLE' });
    assert.equal(sent, 0);
  });

  it('leave out claims in ETH that are too small, and tell which', async () => {
    const claimed: unknown[] = [];
    const claimOf = (index: number, amount: bigint, tokenId = 0n) => ({
      ...{ header: { number: 4 }, index, amount, siblings: [], ownerAndToken: 7n + (tokenId << 160n) },
    });
    const context = {
      sender: {
        async transact(_name: string, [, list]: readonly [unknown, readonly { readonly index: number }[]]) {
          claimed.push(list.map(({ index }) => index));
          return { hash: '0x1' };
        },
      },
      findToken: async (tokenId: number) => ({ tokenId, address: '0x', symbol: 'T', decimals: 0 }),
    } as unknown as Parameters<typeof payUnpaid>[0];
    const withdrawals = [claimOf(0, 99n), claimOf(1, 100n), claimOf(2, 1n, 5n)];
    const unpaid = { withdrawals, moves: [] } as unknown as Parameters<typeof payUnpaid>[1];
    const paid = await payUnpaid(context, unpaid, { owner: 7n, to: undefined }, { minAmount: 100n });
    assert.deepEqual([claimed, paid.map(({ index }) => index)], [[[1, 2]], [1, 2]]);
    const left = await dustOf(context, unpaid, { minAmount: 100n });
    assert.deepEqual(
      left.map(({ index, amount, reason }) => [index, amount, reason]),
      [[0, 99n, 'dust']],
    );
    assert.equal((await payUnpaid(context, unpaid, { owner: 7n, to: undefined }, {})).length, 3);
  });
});
