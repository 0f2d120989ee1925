/** The final batches of a rollup and where their data is, from the events of L1. */

import {
  type AssertionSubmission,
  type BatchSubmission,
  type FinalizedBatch,
  type PostedAssertion,
  type RollupReader,
  requireAll,
} from '@quittance/chain';
import { type Bytes32, isRollupError, RollupError } from '@quittance/protocol';

/** What L1 says of final batches. */
export interface FinalBatches {
  /** In order, from the number that was asked for to the last. */
  readonly finalized: readonly FinalizedBatch[];
  /** Where the data of asserted batches is, by header hash. */
  readonly asserted: ReadonlyMap<Bytes32, PostedAssertion>;
}

/**
 * All final batches from number `first` on.
 *
 * @param fromBlock no later than the block that has the data of batch `first`; for 0, which has none, that of the deployment.
 * @throws RollupError NO_DEPLOYMENT, or L1_LOGS_INCOMPLETE when one is missing that the contract has.
 */
export async function readFinalBatches(reader: RollupReader, fromBlock: number, first: number): Promise<FinalBatches> {
  const { number: toBlock, hash } = await reader.head();
  const [all, assertions, { number: last }] = await Promise.all([
    reader.finalizedBatches(fromBlock, toBlock),
    reader.assertions(fromBlock, toBlock),
    reader.finalState(hash),
  ]);
  const finalized = all.filter(({ header }) => header.number >= first);
  if (first === 0 && finalized[0]?.header.number !== 0) {
    const message = `no deployment in blocks ${fromBlock} to ${toBlock}; start at an earlier block`;
    throw new RollupError('NO_DEPLOYMENT', message, { fromBlock, toBlock });
  }
  const numbers = finalized.map(({ header }) => header.number);
  requireAll('final batch', numbers, { next: first, count: last + 1 }, { from: fromBlock, to: toBlock });
  return { finalized, asserted: new Map(assertions.map((assertion) => [assertion.headerHash, assertion])) };
}

/** The transaction that has the data of a final batch, and its block. */
export interface FinalData {
  readonly data: BatchSubmission | AssertionSubmission;
  readonly blockNumber: number;
}

/**
 * Data of a batch. One that was asserted is found by its header hash: the transaction that made it final does not carry it.
 *
 * @throws RollupError L1_LOGS_INCOMPLETE when L1 left its assertion out.
 */
export async function readFinalData(
  reader: RollupReader,
  batch: FinalizedBatch,
  { asserted }: Pick<FinalBatches, 'asserted'>,
): Promise<FinalData> {
  const assertion = asserted.get(batch.headerHash);
  const { transactionHash, blockNumber } = assertion ?? batch;
  try {
    return { data: await reader.batchData(transactionHash), blockNumber };
  } catch (error) {
    if (assertion !== undefined || !isRollupError(error, 'CALLDATA_UNREADABLE')) throw error;
    const what = `the assertion of batch ${batch.header.number}`;
    const message = `L1 left out ${what}: it is final, and not by the transaction that made it so. Try again`;
    throw new RollupError('L1_LOGS_INCOMPLETE', message, { what }, { cause: error });
  }
}
