/** Moves between deployed rollups: final batches of them, and their proofs. */

import {
  headerHash,
  packOwnerAndToken,
  type StoredHeader,
  type Withdrawal,
  withdrawalProof,
  withdrawalsRoot,
} from '@quittance/protocol';
import { type DeployedOptimistic, type DeploymentOptions, deployContract, deployOptimistic } from './deployment.ts';
import type { RollupContract } from './types.ts';

/** Two rollups on one L1; `there` is destination `number` of the first. */
export interface TwoRollups extends DeployedOptimistic {
  readonly there: RollupContract;
  readonly destination: number;
}

/** A rollup, and another one of the same kind that is a destination of it. */
export async function deployTwo(options: DeploymentOptions = {}): Promise<TwoRollups> {
  const world = await deployOptimistic(options);
  const there = await deployContract(world.ethers, 'Rollup', [world.parameters]);
  const destination = await register(world, await there.getAddress());
  return { ...world, there, destination };
}

/** Registers a destination and gives its number. */
export async function register({ rollup }: Pick<DeployedOptimistic, 'rollup'>, address: string): Promise<number> {
  const number = Number(await rollup.destinationCount());
  await rollup.registerDestination(address);
  return number;
}

/** A move as its leaf names it. */
export function moveTo(
  destination: number,
  owner: string,
  amount: bigint,
  { tokenId = 0, keyY = 5n }: { readonly tokenId?: number; readonly keyY?: bigint } = {},
): Withdrawal {
  return { ownerAndToken: packOwnerAndToken(BigInt(owner), tokenId), amount, move: { destination, keyY } };
}

/**
 * Makes a batch with these withdrawals final: its header comes from the assertions, as that of a batch which waited does, and
 * whatever its records were.
 */
export async function finalizeWith(
  { rollup, assertions, l1, ethers, producer }: DeployedOptimistic,
  parent: StoredHeader,
  withdrawals: readonly Withdrawal[],
  changes: Partial<StoredHeader> = {},
): Promise<StoredHeader> {
  const header: StoredHeader = {
    ...parent,
    number: parent.number + 1,
    time: await l1.networkHelpers.time.latest(),
    parentHash: headerHash(parent),
    stateRoot: parent.stateRoot + 1n,
    withdrawalsRoot: withdrawalsRoot(withdrawals),
    withdrawalCount: withdrawals.length,
    ...changes,
  };
  const address = await assertions.getAddress();
  await l1.networkHelpers.impersonateAccount(address);
  await l1.networkHelpers.setBalance(address, 10n ** 18n);
  const asAssertions = rollup.connect(await ethers.getSigner(address)) as RollupContract;
  await asAssertions.finalizeAsserted(header, producer.address);
  return header;
}

/** A move of a batch with its proof, as the contract takes it. */
export function moveProof(withdrawals: readonly Withdrawal[], index: number) {
  const { ownerAndToken, amount, move } = withdrawals[index]!;
  return { index, keyY: move!.keyY, ownerAndToken, amount, siblings: withdrawalProof(withdrawals, index) };
}

/** The operations of the queue that an import of these moves requests, as (record, w0, w1, w2). */
export function operationsOf(withdrawals: readonly Withdrawal[], tokenId: number): bigint[][] {
  return withdrawals.map(({ ownerAndToken, amount, move }) => [
    4n << 120n,
    move!.keyY,
    packOwnerAndToken(ownerAndToken & ((1n << 160n) - 1n), tokenId),
    amount,
  ]);
}
