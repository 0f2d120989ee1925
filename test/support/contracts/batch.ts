/** Batches for deployed contracts: records are real data, proofs come from the Groth16 simulator. */

import {
  type Bytes32,
  chunkChallenge,
  chunksHash,
  domainOf,
  encodeChunkData,
  FEE_TOKEN_FILLER,
  headerHash,
  hornerSums,
  isPriorityKind,
  keccak,
  NOOP,
  packContext,
  packFeeTokens,
  publicInputsOf,
  type RecordData,
  RecordKind,
  type StoredHeader,
  type Withdrawal,
  withdrawalsRoot,
} from '@quittance/protocol';
import type { DeployedRollup } from './deployment.ts';
import { type EvmProof, evmProof } from './evm-proof.ts';
import type { RollupContract } from './types.ts';

/** Records of a batch before they are proven. `chunks` are filled with noops. */
export interface BatchContent {
  readonly parent: StoredHeader;
  readonly time: number;
  readonly chunks: readonly (readonly RecordData[])[];
  /** State roots after each chunk; made up when absent. */
  readonly roots?: readonly bigint[];
  readonly feeTokens?: readonly (readonly bigint[])[];
}

/** All arguments of `submitBatch`, and what should come of it. */
export interface BuiltBatch {
  readonly parent: StoredHeader;
  readonly batch: { number: number; time: number; roots: bigint[]; commitments: bigint[]; feeTokens: bigint[] };
  readonly chunks: Uint8Array[];
  readonly proofs: EvmProof[];
  readonly inputs: bigint[][];
  readonly header: StoredHeader;
  readonly withdrawals: Withdrawal[];
}

const NO_FEE_TOKENS = Array.from({ length: 4 }, () => FEE_TOKEN_FILLER);

/** Builds and "proves" a batch with the protocol's own TypeScript encodings. */
export function buildBatch(
  { parameters, deployment, simulator }: Pick<DeployedRollup, 'parameters' | 'deployment' | 'simulator'>,
  content: BatchContent,
): BuiltBatch {
  const { parent, time } = content;
  const number = parent.number + 1;
  const records = content.chunks.map((chunk) => [
    ...chunk,
    ...Array.from({ length: parameters.slotsPerChunk - chunk.length }, () => NOOP),
  ]);
  const chunks = records.map(encodeChunkData);
  const dataHashes: Bytes32[] = chunks.map(keccak);
  const roots = [
    parent.stateRoot,
    ...records.map((_, chunk) => content.roots?.[chunk] ?? BigInt(1000 * number + chunk + 1)),
  ];
  const commitments = records.map((_, chunk) => BigInt(500_000 * number + chunk + 1));
  const feeTokenLists = records.map((_, chunk) => content.feeTokens?.[chunk] ?? NO_FEE_TOKENS);
  const inputs = records.map((chunk, chunkIndex) => {
    const [oldRoot, newRoot, commitment] = [roots[chunkIndex]!, roots[chunkIndex + 1]!, commitments[chunkIndex]!];
    const challenge = chunkChallenge({
      ...deployment,
      batchNumber: number,
      chunkIndex,
      dataHash: dataHashes[chunkIndex]!,
      commitment,
      oldRoot,
      newRoot,
    });
    return publicInputsOf({
      oldRoot,
      newRoot,
      commitment,
      challenge,
      ...hornerSums(challenge, chunk),
      domain: domainOf(deployment),
      context: packContext(feeTokenLists[chunkIndex]!, time),
    });
  });
  const all = records.flat();
  const withdrawals = all
    .filter(({ fields }) => fields.kind === RecordKind.withdraw || fields.kind === RecordKind.forcedExit)
    .map(({ words }) => ({ ownerAndToken: words[1]!, amount: words[2]! }))
    .filter(({ amount }) => amount > 0n);
  const feeTokens = feeTokenLists.map(packFeeTokens);
  const countOf = (matches: (kind: number) => boolean) => all.filter(({ fields }) => matches(fields.kind)).length;
  return {
    parent,
    batch: { number, time, roots, commitments, feeTokens },
    chunks,
    inputs,
    proofs: inputs.map((row) => evmProof(simulator.prove(row))),
    header: {
      number,
      time,
      parentHash: headerHash(parent),
      stateRoot: roots.at(-1)!,
      chunksHash: chunksHash({ roots, commitments, feeTokens, dataHashes }),
      withdrawalsRoot: withdrawalsRoot(withdrawals),
      withdrawalCount: withdrawals.length,
      priorityCount: parent.priorityCount + countOf(isPriorityKind),
      transferToNewCount: parent.transferToNewCount + countOf((kind) => kind === RecordKind.transferToNew),
    },
    withdrawals,
  };
}

/** Sends a built batch, by default as the producer. */
export function submit(
  world: DeployedRollup,
  { parent, batch, chunks, proofs }: Omit<BuiltBatch, 'header' | 'inputs' | 'withdrawals'>,
  signer = world.producer,
) {
  const rollup = world.rollup.connect(signer) as RollupContract;
  return rollup.submitBatch(parent, batch, chunks, proofs);
}

/** A transfer of kind 1. */
export function transfer(from: number, to: number, amountFloat = 5n, feeFloat = 1): RecordData {
  return { fields: { kind: RecordKind.transfer, from, to, amountFloat, feeFloat }, words: [] };
}

/** A record of any kind with words. */
export function record(kind: number, words: readonly bigint[], from = 0, to = 0): RecordData {
  return { fields: { kind, from, to, amountFloat: 0n, feeFloat: 0 }, words };
}
