/** How an executor goes on around what L1 refuses of a group. */

import { strict as assert } from 'node:assert';
import { MAX_TRANSACTION_GAS, rollupInterface, type TransactionCall } from '@quittance/chain';
import type { MoveGroup } from '@quittance/derivation';
import { genesisHeader, RollupError, ZERO_BYTES32 } from '@quittance/protocol';
import type { TransactionReceipt } from 'ethers';
import { type AttemptOptions, executeGroup } from '../../cli/moves/attempt.ts';

const FEE = 7n;
const header = { ...genesisHeader(1n, 0), number: 3, withdrawalCount: 8 };
const siblings = [ZERO_BYTES32, ZERO_BYTES32, ZERO_BYTES32];

const groupOf = (...indices: readonly number[]): MoveGroup => ({
  ...{ header, destination: 0, tokenId: 0 },
  moves: indices.map((index) => ({ header, index, ownerAndToken: 5n, amount: 1n, siblings, destination: 0, keyY: 9n })),
});

const rejected = (error: string, data: object = {}) => new RollupError('L1_REJECTED', error, { error, ...data });

/** Tries a group on an L1 that answers by the indices of the call. @returns what was executed, and the reasons not to. */
async function attempt(group: MoveGroup, answer: (indices: readonly number[]) => RollupError | bigint | undefined) {
  const executed: (readonly [number, bigint])[] = [];
  const indicesOf = ({ data }: TransactionCall) =>
    (rollupInterface.decodeFunctionData('executeMoves', data)[2] as { index: bigint }[]).map(({ index }) =>
      Number(index),
    );
  const options: AttemptOptions = {
    contract: `0x${'11'.repeat(20)}`,
    estimate: async (call) => {
      const answered = answer(indicesOf(call));
      if (answered instanceof RollupError) throw answered;
      return { gas: answered ?? 21_000n, feePerGas: 1n };
    },
    send: async () => ({ hash: ZERO_BYTES32 }) as TransactionReceipt,
    onExecuted: ({ count, fees }) => executed.push([count, fees]),
  };
  const skipped = await executeGroup(options, group, FEE, new AbortController().signal);
  return { executed, skipped: skipped.map(({ count, reason }) => [count, reason]) };
}

describe('CLI: one attempt to execute a group of moves', () => {
  it('pays the fee of each, in one transaction', async () => {
    assert.deepEqual(await attempt(groupOf(0, 1, 2), () => undefined), { executed: [[3, 3n * FEE]], skipped: [] });
  });

  it('leaves out what was paid meanwhile', async () => {
    const taken = (indices: readonly number[]) =>
      indices.includes(1) ? rejected('AlreadyClaimed', { index: '1' }) : undefined;
    assert.deepEqual(await attempt(groupOf(0, 1, 2), taken), { executed: [[2, 2n * FEE]], skipped: [] });
    assert.deepEqual(await attempt(groupOf(1), taken), { executed: [], skipped: [] });
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
});
