/** Moves between deployed rollups: final batches of them, and their proofs. */

import {
  packOwnerAndToken,
  RecordKind,
  type StoredHeader,
  siblingsBehind,
  type Withdrawal,
  withdrawalProof,
} from '@quittance/protocol';
import { buildBatch, record, submit } from './batch.ts';
import { type DeployedRollup, type DeploymentOptions, deployContract, deployRollup, latestTime } from './deployment.ts';
import type { RollupContract } from './types.ts';

/** Two rollups on one L1; `there` is destination `destination` of the first. */
export interface TwoRollups extends DeployedRollup {
  readonly there: RollupContract;
  readonly destination: number;
}

/** A rollup, and another one of the same kind that is a destination of it. */
export async function deployTwo(options: DeploymentOptions = {}): Promise<TwoRollups> {
  const world = await deployRollup(options);
  const there = await deployContract(world.ethers, 'Rollup', [world.parameters]);
  const destination = await register(world, await there.getAddress());
  return { ...world, there, destination };
}

/** Registers a destination and gives its number. */
export async function register({ rollup }: Pick<DeployedRollup, 'rollup'>, address: string): Promise<number> {
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

/** The record that makes a withdrawal or a move. */
function recordOf({ ownerAndToken, amount, move }: Withdrawal) {
  return move === undefined
    ? record(RecordKind.withdraw, [0n, ownerAndToken, amount], 1)
    : record(RecordKind.move, [move.keyY, ownerAndToken, amount], 1, move.destination);
}

/** Makes a batch with these withdrawals and moves final. */
export async function finalizeWith(
  world: DeployedRollup,
  parent: StoredHeader,
  withdrawals: readonly Withdrawal[],
  time?: number,
): Promise<StoredHeader> {
  const { slotsPerChunk } = world.parameters;
  const records = withdrawals.map(recordOf);
  const chunks = Array.from({ length: Math.max(1, Math.ceil(records.length / slotsPerChunk)) }, (_, chunk) =>
    records.slice(chunk * slotsPerChunk, (chunk + 1) * slotsPerChunk),
  );
  const built = buildBatch(world, { parent, time: time ?? (await latestTime(world)), chunks });
  await submit(world, built);
  return built.header;
}

/** A move of a batch with its proof, as the contract takes it. */
export function moveProof(withdrawals: readonly Withdrawal[], index: number) {
  const { ownerAndToken, amount, move } = withdrawals[index]!;
  return { index, keyY: move!.keyY, ownerAndToken, amount, siblings: withdrawalProof(withdrawals, index) };
}

/** Moves of one call: the first with its whole proof, each other one with what is not in that before it. */
export function moveProofs(withdrawals: readonly Withdrawal[], indices: readonly number[]) {
  return indices.map((index, position) => {
    const proof = moveProof(withdrawals, index);
    const previous = indices[position - 1];
    return previous === undefined
      ? proof
      : { ...proof, siblings: [...siblingsBehind(previous, index, proof.siblings)] };
  });
}
