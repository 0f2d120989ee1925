/** The whole rollup from L1 alone: no sequencer, no database. Source: docs/protocol.md, invariant 2. */

import type { AssertionSubmission, BatchSubmission, RollupReader } from '@quittance/chain';
import {
  type Crypto,
  genesisHeader,
  headerHash,
  RollupError,
  RollupState,
  type StoredHeader,
  unpackOwnerAndToken,
  withdrawalProof,
} from '@quittance/protocol';
import { isWrongBatch, type ReplayDeployment, type ReplayedBatch, replayBatch } from './replay.ts';

/** The state after the last final batch, with all that led to it. */
export interface RebuiltRollup {
  readonly state: RollupState;
  /** Header of the last final batch. */
  readonly header: StoredHeader;
  /** By batch number; element 0 stands for the genesis and is undefined. */
  readonly batches: readonly (ReplayedBatch | undefined)[];
}

export interface RebuildOptions {
  readonly reader: RollupReader;
  readonly crypto: Crypto;
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
  /** Last block to read; the head when absent. */
  readonly toBlock?: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Replays every final batch from calldata and compares each header with the hash on L1. A batch that was asserted is found
 * by its header hash: the transaction that made it final does not carry its data.
 *
 * @throws RollupError LIE_FINAL when L1 holds something that the rules do not give, NO_DEPLOYMENT when `fromBlock` lies
 * behind the deployment, L1_UNREACHABLE.
 */
export async function rebuildRollup(options: RebuildOptions): Promise<RebuiltRollup> {
  const { reader, crypto, fromBlock, onProgress, signal } = options;
  const { domain, slotsPerChunk } = await reader.connect();
  const toBlock = options.toBlock ?? (await reader.head()).number;
  const finalized = await reader.finalizedBatches(fromBlock, toBlock);
  const asserted = new Map(
    (await reader.assertions(fromBlock, toBlock)).map(({ headerHash: hash, transactionHash }) => [
      hash,
      transactionHash,
    ]),
  );
  const genesis = finalized.find(({ header }) => header.number === 0);
  if (genesis === undefined) {
    throw new RollupError(
      'NO_DEPLOYMENT',
      `no deployment in blocks ${fromBlock} to ${toBlock}; start at an earlier block`,
      {
        fromBlock,
        toBlock,
      },
    );
  }
  const state = new RollupState(crypto.hasher);
  let header = genesisHeader(state.root, genesis.header.time);
  requireSameHash(0, headerHash(header), genesis.headerHash);
  const batches: (ReplayedBatch | undefined)[] = [undefined];
  for (const [done, { header: claimed, headerHash: expected, transactionHash }] of finalized.entries()) {
    signal?.throwIfAborted();
    onProgress?.(done, finalized.length);
    if (claimed.number === 0) continue;
    const data = await reader.batchData(asserted.get(expected) ?? transactionHash);
    const replayed = replayFinal(crypto, state, header, data, { domain, slotsPerChunk });
    requireSameHash(claimed.number, replayed.hash, expected);
    header = replayed.header;
    batches[header.number] = replayed;
  }
  onProgress?.(finalized.length, finalized.length);
  return { state, header, batches };
}

/** Replays a final batch as it was posted: the commitments of an assertion bind nothing, those of a proof do. */
function replayFinal(
  crypto: Crypto,
  state: RollupState,
  parent: StoredHeader,
  data: BatchSubmission | AssertionSubmission,
  deployment: ReplayDeployment,
): ReplayedBatch {
  const isProven = 'proofs' in data;
  try {
    return replayBatch(crypto, state, parent, data, deployment, isProven);
  } catch (error) {
    if (!isWrongBatch(error)) throw error;
    const how = isProven ? 'by proof and is wrong' : 'by assertion and is wrong, and nobody showed it in time';
    throw new RollupError(
      'LIE_FINAL',
      `batch ${data.number} became final ${how}: ${error.message}`,
      { ...error.data, batch: data.number, rule: error.code },
      { cause: error },
    );
  }
}

function requireSameHash(number: number, replayed: string, onL1: string): void {
  if (replayed === onL1) return;
  throw new RollupError('LIE_FINAL', `the header of batch ${number} replays to ${replayed}, L1 holds ${onL1}`, {
    batch: number,
    expected: onL1,
    actual: replayed,
  });
}

/** What `claimWithdrawals` takes for one withdrawal, made from L1 alone. */
export interface WithdrawalClaim {
  readonly header: StoredHeader;
  readonly index: number;
  readonly ownerAndToken: bigint;
  readonly amount: bigint;
  readonly siblings: readonly string[];
}

/** All withdrawals of an L1 address (as a number), with their proofs. Whether they were claimed is on L1. */
export function withdrawalsOf({ batches }: RebuiltRollup, owner: bigint): WithdrawalClaim[] {
  return batches.flatMap((batch) =>
    (batch?.withdrawals ?? []).flatMap(({ ownerAndToken, amount }, index) =>
      unpackOwnerAndToken(ownerAndToken).owner === owner
        ? [
            {
              header: batch!.header,
              index,
              ownerAndToken,
              amount,
              siblings: withdrawalProof(batch!.withdrawals, index),
            },
          ]
        : [],
    ),
  );
}
