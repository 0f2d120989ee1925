/** What a batch cost on L1, counted from its transaction. */

import { createRollupReader, decodeAssertionSubmission } from '@quittance/chain';
import { type BatchForm, BLOCK_BYTES, decodeChunkData, RECORDS_PER_BLOCK, RecordKind } from '@quittance/protocol';
import type { TransactionReceipt } from 'ethers';
import { LOCAL_CHAIN_ID } from '../../cli/devnet/anvil.ts';
import type { LocalRollup } from './rollup.ts';

export interface BatchCost {
  readonly number: number;
  readonly chunks: number;
  readonly slots: number;
  readonly transfers: number;
  readonly priorityOperations: number;
  /** Of all transactions that made it final: one in mode zk; assertion, proofs and finality otherwise. */
  readonly gas: bigint;
  /** From sealed to on L1, and to final. */
  readonly secondsToPosted: number;
  readonly secondsToFinal: number;
  /** Bytes of the call that brought its data. */
  readonly calldataBytes: number;
  /** Of those: visible lists, proofs or authorizations, and records unless they are in blobs; the rest is the header and the encoding. */
  readonly visibleBytes: number;
  readonly proofBytes: number;
  readonly authorizationBytes: number;
  readonly form: BatchForm;
  readonly blobs: number;
  /** Wei for the blobs. */
  readonly blobFee: bigint;
  /** Of the records, in calldata or in blobs. */
  readonly recordBytes: number;
  /** Of those, bytes that carry no transfer: fees and noops. */
  readonly feeAndNoopBytes: number;
}

const PROOF_BYTES = 256;

/** The transactions of a final batch, that with its data first. */
export async function transactionsOf(rollup: LocalRollup, number: number): Promise<string[]> {
  const { storage, provider, deployed, optimistic } = rollup;
  const { headerHash, inclusion } = storage.batches.get(number)!;
  const head = await provider.getBlockNumber();
  const { contract, block } = deployed;
  const reader = createRollupReader({ provider, chainId: LOCAL_CHAIN_ID, contract });
  const finalized = await reader.findBatch(number, block, head);
  const events = (await optimistic?.frontRunning.chain.events(block, head)) ?? [];
  const asserted = events.findLast((event) => event.type === 'asserted' && event.headerHash === headerHash);
  const proven = events.filter(
    (event) =>
      event.type === 'chunksProven' && asserted?.type === 'asserted' && event.assertionId === asserted.assertionId,
  );
  const all = [inclusion!, ...proven, finalized!].map(({ transactionHash }) => transactionHash);
  return [...new Set(all)];
}

function blobFeeOf({ blobGasUsed, blobGasPrice }: TransactionReceipt): bigint {
  return (blobGasUsed ?? 0n) * (blobGasPrice ?? 0n);
}

/** Counts the bytes and gas of a final batch. */
export async function batchCost(rollup: LocalRollup, number: number): Promise<BatchCost> {
  const { storage, provider, sequencer } = rollup;
  const batch = storage.batches.get(number)!;
  const hashes = await transactionsOf(rollup, number);
  const transaction = await provider.getTransaction(hashes[0]!);
  const receipts = await Promise.all(hashes.map((hash) => provider.getTransactionReceipt(hash)));
  const { data, blobVersionedHashes } = transaction!;
  const submission = decodeAssertionSubmission({ data, blobHashes: blobVersionedHashes ?? [] });
  const proofs = 'proofs' in submission ? submission.proofs : [];
  const authorizations = 'authorizations' in submission ? submission.authorizations : [];
  const { slotsPerChunk } = sequencer.config.profile;
  const chunks = storage.chunks.ofBatch(number);
  const records = chunks.flatMap((chunk) => decodeChunkData(chunk.data, slotsPerChunk));
  const recordBytes = (records.length / RECORDS_PER_BLOCK) * BLOCK_BYTES;
  const fillers = records.filter(({ kind }) => kind === RecordKind.noop || kind === RecordKind.collectFee).length;
  return {
    number,
    chunks: chunks.length,
    slots: records.length,
    transfers: batch.transferCount,
    priorityOperations: batch.priorityCount,
    gas: receipts.reduce((sum, receipt) => sum + receipt!.gasUsed, 0n),
    secondsToPosted: (batch.postedMs! - batch.sealedMs) / 1_000,
    secondsToFinal: (batch.finalMs! - batch.sealedMs) / 1_000,
    calldataBytes: (data.length - 2) / 2,
    form: batch.form,
    blobs: batch.blobHashes.length,
    blobFee: receipts.reduce((sum, receipt) => sum + blobFeeOf(receipt!), 0n),
    recordBytes,
    visibleBytes: chunks.reduce((sum, { visible }) => sum + visible.length, 0),
    proofBytes: proofs.length * PROOF_BYTES,
    authorizationBytes: authorizations.reduce((sum, bytes) => sum + bytes.length, 0),
    feeAndNoopBytes: (fillers / RECORDS_PER_BLOCK) * BLOCK_BYTES,
  };
}
