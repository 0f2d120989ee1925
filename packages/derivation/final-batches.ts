/** The final batches of a rollup and where their data is, from the events of L1; and whether it is what L1 took. */

import {
  type AssertionSubmission,
  type BatchSubmission,
  type BlockReference,
  type FinalizedBatch,
  type PostedAssertion,
  type RollupReader,
  requireAll,
} from '@quittance/chain';
import {
  type BatchContent,
  type Bytes32,
  headerHash,
  headerOf,
  isRollupError,
  RollupError,
  type StoredHeader,
} from '@quittance/protocol';
import { isWrongBatch } from './wrong-batch.ts';

/** What L1 says of final batches. */
export interface FinalBatches {
  /** In order, from the number that was asked for to the last. */
  readonly finalized: readonly FinalizedBatch[];
  /** Where the data of asserted batches is, by header hash. */
  readonly asserted: ReadonlyMap<Bytes32, PostedAssertion>;
}

/** Assertions in some blocks by header hash; of two with one header, which have the same data, the later one. */
export async function readAssertions(
  reader: RollupReader,
  fromBlock: number,
  toBlock: number,
): Promise<Map<Bytes32, PostedAssertion>> {
  const assertions = await reader.assertions(fromBlock, toBlock);
  return new Map(assertions.map((assertion) => [assertion.headerHash, assertion]));
}

/**
 * All final batches from number `first` on.
 *
 * @param fromBlock no later than the block that has the data of batch `first`; for 0, which has none, that of the deployment.
 * @param head up to which block; the newest one if not given.
 * @throws RollupError NO_DEPLOYMENT, or L1_LOGS_INCOMPLETE when one is missing that the contract has.
 */
export async function readFinalBatches(
  reader: RollupReader,
  fromBlock: number,
  first: number,
  head?: BlockReference,
): Promise<FinalBatches> {
  const { number: toBlock, hash } = head ?? (await reader.head());
  const [all, asserted, { number: last }] = await Promise.all([
    reader.finalizedBatches(fromBlock, toBlock),
    readAssertions(reader, fromBlock, toBlock),
    reader.finalState(hash),
  ]);
  const finalized = all.filter(({ header }) => header.number >= first);
  if (first === 0 && finalized[0]?.header.number !== 0) {
    const message = `no deployment in blocks ${fromBlock} to ${toBlock}; start at an earlier block`;
    throw new RollupError('NO_DEPLOYMENT', message, { fromBlock, toBlock });
  }
  const numbers = finalized.map(({ header }) => header.number);
  requireAll('final batch', numbers, { next: first, count: last + 1 }, { from: fromBlock, to: toBlock });
  return { finalized, asserted };
}

/**
 * Compares what a node gave with the hash that the same node gave of it.
 *
 * @param read the data; what it throws about a wrong batch says that it has no hash.
 * @param expected undefined when L1 has none.
 * @throws RollupError L1_INCONSISTENT when it has another hash, or none, which L1 would have refused: it is not what L1 took.
 * The node lies or is in the middle of a reorg, so nothing is said about the batch.
 */
export function requireHash<T>(
  what: string,
  expected: Bytes32 | undefined,
  read: () => T,
  hashOf: (data: T) => Bytes32,
): T {
  const held = `the contract holds ${expected ?? 'none'}; the node lies or is in the middle of a reorg`;
  let data: T;
  let actual: Bytes32;
  try {
    data = read();
    actual = hashOf(data);
  } catch (error) {
    if (!isWrongBatch(error)) throw error;
    const message = `L1 gave data that has no ${what} (${error.message}), ${held}`;
    throw new RollupError('L1_INCONSISTENT', message, { what, expected, actual: error.code }, { cause: error });
  }
  if (actual === expected) return data;
  const message = `L1 gave data whose ${what} is ${actual}, ${held}`;
  throw new RollupError('L1_INCONSISTENT', message, { what, expected, actual });
}

/**
 * The header of a batch that L1 took. Checked before any blob is asked for: all that it says stands in the transaction.
 *
 * @param expected its hash, by an event of L1.
 * @throws RollupError L1_INCONSISTENT as `requireHash`.
 */
export function requireHeader(expected: Bytes32, parent: StoredHeader, posted: BatchContent): StoredHeader {
  return requireHash('header hash', expected, () => headerOf(parent, posted), headerHash);
}

/** A batch in a transaction. */
export interface PostedData {
  readonly data: BatchSubmission | AssertionSubmission;
  readonly header: StoredHeader;
}

/**
 * The batch that an event says a transaction has.
 *
 * @param parent header of the batch before it; what the transaction says of it if not given.
 * @throws RollupError L1_INCONSISTENT when it has another one, CALLDATA_UNREADABLE when it has none.
 */
export async function readPosted(
  reader: RollupReader,
  { transactionHash, headerHash: expected }: Pick<PostedAssertion, 'transactionHash' | 'headerHash'>,
  parent?: StoredHeader,
): Promise<PostedData> {
  const data = await reader.batchData(transactionHash);
  return { data, header: requireHeader(expected, parent ?? data.parent, data) };
}

/** The transaction that has the data of a final batch, and its block. */
export interface FinalData extends PostedData {
  readonly blockNumber: number;
}

/**
 * Data of a batch. One that was asserted is found by its header hash: the transaction that made it final does not carry it.
 *
 * @param parent as for `readPosted`.
 * @throws RollupError L1_LOGS_INCOMPLETE when L1 left its assertion out, L1_INCONSISTENT when it gave the data of another
 * batch.
 */
export async function readFinalData(
  reader: RollupReader,
  batch: FinalizedBatch,
  { asserted }: Pick<FinalBatches, 'asserted'>,
  parent?: StoredHeader,
): Promise<FinalData> {
  const assertion = asserted.get(batch.headerHash);
  const place = assertion ?? batch;
  try {
    return { ...(await readPosted(reader, place, parent)), blockNumber: place.blockNumber };
  } catch (error) {
    if (assertion !== undefined || !isRollupError(error, 'CALLDATA_UNREADABLE')) throw error;
    const what = `the assertion of batch ${batch.header.number}`;
    const message = `L1 left out ${what}: it is final, and not by the transaction that made it so. Try again`;
    throw new RollupError('L1_LOGS_INCOMPLETE', message, { what }, { cause: error });
  }
}
