/** What a batch cost on L1, counted from its transaction. */

import { decodeSubmission } from '../../chain/index.ts';
import { BLOCK_BYTES, decodeChunkData, RECORDS_PER_BLOCK, RecordKind, WORD_BYTES } from '../../protocol/index.ts';
import type { LocalRollup } from './rollup.ts';

export interface BatchCost {
  readonly number: number;
  readonly chunks: number;
  readonly slots: number;
  readonly transfers: number;
  readonly priorityOperations: number;
  readonly gas: bigint;
  /** Bytes of the whole call. */
  readonly calldataBytes: number;
  /** Of those: records, words, proofs; the rest is the header and the encoding. */
  readonly recordBytes: number;
  readonly wordBytes: number;
  readonly proofBytes: number;
  /** Record bytes that carry no transfer: fees and noops. */
  readonly feeAndNoopBytes: number;
}

const PROOF_BYTES = 256;

/** Counts the bytes and gas of a final batch. */
export async function batchCost({ storage, provider, sequencer }: LocalRollup, number: number): Promise<BatchCost> {
  const batch = storage.batches.get(number)!;
  const hash = batch.inclusion!.transactionHash;
  const [transaction, receipt] = await Promise.all([
    provider.getTransaction(hash),
    provider.getTransactionReceipt(hash),
  ]);
  const { chunks, proofs } = decodeSubmission(transaction!.data);
  const { slotsPerChunk } = sequencer.config.profile;
  const records = chunks.flatMap((data) => decodeChunkData(data, slotsPerChunk));
  const recordBytes = (records.length / RECORDS_PER_BLOCK) * BLOCK_BYTES;
  const fillers = records.filter(
    ({ fields: { kind } }) => kind === RecordKind.noop || kind === RecordKind.collectFee,
  ).length;
  return {
    number,
    chunks: chunks.length,
    slots: records.length,
    transfers: batch.transferCount,
    priorityOperations: batch.priorityCount,
    gas: receipt!.gasUsed,
    calldataBytes: (transaction!.data.length - 2) / 2,
    recordBytes,
    wordBytes: records.reduce((sum, { words }) => sum + words.length * WORD_BYTES, 0),
    proofBytes: proofs.length * PROOF_BYTES,
    feeAndNoopBytes: (fillers / RECORDS_PER_BLOCK) * BLOCK_BYTES,
  };
}
