/** How an executor goes on around what L1 refuses of a group. */

import { strict as assert } from 'node:assert';
import { MAX_TRANSACTION_GAS, rollupInterface, type TransactionCall } from '@quittance/chain';
import type { MoveGroup } from '@quittance/derivation';
import { genesisHeader, RollupError, ZERO_BYTES32 } from '@quittance/protocol';
import type { TransactionReceipt } from 'ethers';
import { type AttemptOptions, executeGroup } from '../../cli/moves/attempt.ts';
import { type Budget, createBudget } from '../../cli/moves/budget.ts';

const FEE = 7n;
const header = { ...genesisHeader(1n, 0), number: 3, withdrawalCount: 8 };
const siblings = [ZERO_BYTES32, ZERO_BYTES32, ZERO_BYTES32];

const groupOf = (...indices: readonly number[]): MoveGroup => ({
  ...{ header, destination: 0, tokenId: 0 },
  moves: indices.map((index) => ({ header, index, ownerAndToken: 5n, amount: 1n, siblings, destination: 0, keyY: 9n })),
});

const NOTHING = { skipped: [], left: [] };

const rejected = (error: string, data: object = {}) => new RollupError('L1_REJECTED', error, { error, ...data });

/**
 * Tries a group on an L1 that answers by the indices of the call, with an error or with the gas that it takes; gas costs 1
 * wei. @returns what was executed, and the reasons not to.
 */
async function attempt(
  group: MoveGroup,
  answer: (indices: readonly number[]) => RollupError | bigint | undefined,
  { budget = createBudget(), sending }: { budget?: Budget; sending?: RollupError } = {},
) {
  const executed: (readonly [number, bigint])[] = [];
  const indicesOf = ({ data }: TransactionCall) =>
    (rollupInterface.decodeFunctionData('executeMoves', data)[2] as { index: bigint }[]).map(({ index }) =>
      Number(index),
    );
  const options: AttemptOptions = {
    contract: `0x${'11'.repeat(20)}`,
    budget,
    estimate: async (call) => {
      const answered = answer(indicesOf(call));
      if (answered instanceof RollupError) throw answered;
      return { gas: answered ?? 21_000n, feePerGas: 1n };
    },
    send: async (call) => {
      if (sending !== undefined) throw sending;
      const gas = answer(indicesOf(call));
      // A tenth less than was estimated.
      const fee = ((typeof gas === 'bigint' ? gas : 21_000n) * 9n) / 10n;
      return { hash: ZERO_BYTES32, fee } as TransactionReceipt;
    },
    onExecuted: ({ count, fees }) => executed.push([count, fees]),
  };
  const { skipped, left } = await executeGroup(options, group, FEE, new AbortController().signal);
  const lefts = left.map(({ count, amount, limit }) => [count, amount, limit]);
  return { executed, skipped: skipped.map(({ count, reason }) => [count, reason]), left: lefts };
}

describe('CLI: one attempt to execute a group of moves', () => {
  it('pays the fee of each, in one transaction', async () => {
    assert.deepEqual(await attempt(groupOf(0, 1, 2), () => undefined), { executed: [[3, 3n * FEE]], ...NOTHING });
  });

  it('leaves out what was paid meanwhile', async () => {
    const taken = (indices: readonly number[]) =>
      indices.includes(1) ? rejected('AlreadyClaimed', { index: '1' }) : undefined;
    assert.deepEqual(await attempt(groupOf(0, 1, 2), taken), { executed: [[2, 2n * FEE]], ...NOTHING });
    assert.deepEqual(await attempt(groupOf(1), taken), { executed: [], ...NOTHING });
  });

  it('ends when L1 says that a move was paid which is not among them', async () => {
    const { executed, skipped } = await attempt(groupOf(0), () => rejected('AlreadyClaimed', { index: '6' }));
    assert.deepEqual([executed, skipped.length], [[], 1]);
  });

  it('divides around one that is refused, and around too much gas', async () => {
    const one = await attempt(groupOf(0, 1, 2, 3), (indices) =>
      indices.includes(2) ? rejected('ZeroOwner') : undefined,
    );
    assert.deepEqual(one, {
      executed: [
        [2, 2n * FEE],
        [1, FEE],
      ],
      skipped: [[1, 'ZeroOwner']],
      left: [],
    });
    const gas = await attempt(groupOf(0, 1), (indices) =>
      indices.length > 1 ? BigInt(MAX_TRANSACTION_GAS) + 1n : undefined,
    );
    assert.deepEqual(gas.executed, [
      [1, FEE],
      [1, FEE],
    ]);
  });

  it('does not divide what is refused of all', async () => {
    let asked = 0;
    const { skipped } = await attempt(groupOf(0, 1, 2, 3), () => {
      asked++;
      return rejected('ExodusActive');
    });
    assert.deepEqual([skipped, asked], [[[4, 'ExodusActive']], 1]);
  });

  it('lets a reorg and an L1 that is away end the look', async () => {
    await assert.rejects(
      attempt(groupOf(0), () => rejected('UnknownHeader')),
      { code: 'L1_REORG' },
    );
    const away = new RollupError('L1_UNREACHABLE', 'away', {});
    await assert.rejects(
      attempt(groupOf(0), () => away),
      { code: 'L1_UNREACHABLE' },
    );
  });

  describe('with a budget', () => {
    /** Gas of a call: some for the transaction, and some for each move. */
    const gasOf = (indices: readonly number[]) => 100n + 50n * BigInt(indices.length);
    const costOf = (count: number) => 100n + 50n * BigInt(count) + FEE * BigInt(count);
    const spentOf = (count: number) => (gasOf(Array.from({ length: count }, () => 0)) * 9n) / 10n + FEE * BigInt(count);
    /** Moves of these amounts. */
    const groupWorth = (...amounts: readonly bigint[]): MoveGroup => {
      const group = groupOf(...amounts.keys());
      return { ...group, moves: group.moves.map((move, position) => ({ ...move, amount: amounts[position]! })) };
    };

    it('executes all of a group that costs exactly what is left, and notes what it cost', async () => {
      const budget = createBudget(costOf(3));
      const group = groupWorth(5n, 6n, 7n);
      assert.deepEqual(await attempt(group, gasOf, { budget }), { executed: [[3, 3n * FEE]], ...NOTHING });
      assert.deepEqual([budget.spent, budget.isUsedUp], [spentOf(3), false]);
    });

    it('executes the largest that one wei less pays for, and leaves the rest for later', async () => {
      const budget = createBudget(costOf(3) - 1n);
      const { executed, left } = await attempt(groupWorth(5n, 2n, 7n), gasOf, { budget });
      assert.deepEqual(executed, [[2, 2n * FEE]]);
      assert.deepEqual(left, [[1, 2n, 'maxSpend']]);
      assert.equal(budget.isUsedUp, true);
    });

    it('never spends more, whatever is left of it', async () => {
      const amounts = Array.from({ length: 40 }, (_, position) => BigInt(position + 1));
      for (let most = 0n; most < costOf(40) + 60n; most += 37n) {
        const budget = createBudget(most);
        const { executed, left } = await attempt(groupWorth(...amounts), gasOf, { budget });
        const count = executed[0]?.[0] ?? 0;
        assert.ok(budget.spent <= most && costOf(count) <= (count === 0 ? costOf(0) : most));
        // As proportion finds it: at least half as many as the money is enough for.
        assert.ok(most < costOf(1) || 2 * count >= Number((most - 100n) / (50n + FEE)), `${most}: ${count}`);
        const leftCount = left.reduce((sum, [each]) => sum + (each as number), 0);
        assert.equal(count + leftCount, 40);
        const smallest = amounts.slice(0, 40 - count).reduce((sum, amount) => sum + amount, 0n);
        assert.equal(
          left.reduce((sum, [, amount]) => sum + (amount as bigint), 0n),
          smallest,
        );
      }
    });

    it('asks L1 nothing any more once it is used up', async () => {
      const budget = createBudget(costOf(2));
      budget.take(costOf(2));
      await attempt(groupWorth(5n), gasOf, { budget });
      assert.equal(budget.isUsedUp, true);
      const asked = () => assert.fail('L1 was asked');
      const { left } = await attempt(groupWorth(5n, 6n), asked, { budget });
      assert.deepEqual(left, [[2, 11n, 'maxSpend']]);
    });

    it('says of a move that costs more than all of it that no later look takes it either', async () => {
      const budget = createBudget(costOf(1) - 1n);
      const { executed, left } = await attempt(groupWorth(5n, 6n), gasOf, { budget });
      assert.deepEqual(executed, []);
      assert.deepEqual(left, [
        [1, 6n, 'maxSpendOfOne'],
        [1, 5n, 'maxSpendOfOne'],
      ]);
      assert.equal(budget.isUsedUp, false);
    });

    it('counts the gas of what failed in a block, and all of what may still get into one', async () => {
      const failed = createBudget(1_000n);
      const failing = new RollupError('TRANSACTION_FAILED', 'failed', { hash: ZERO_BYTES32 });
      const { skipped } = await attempt(groupWorth(5n), gasOf, { budget: failed, sending: failing });
      assert.deepEqual([skipped, failed.spent], [[[1, 'failed']], gasOf([0])]);
      const stuck = createBudget(1_000n);
      const sending = new RollupError('TRANSACTION_STUCK', 'stuck', { nonce: 1, hashes: '' });
      await assert.rejects(attempt(groupWorth(5n), gasOf, { budget: stuck, sending }), { code: 'TRANSACTION_STUCK' });
      assert.equal(stuck.spent, costOf(1));
    });
  });
});
