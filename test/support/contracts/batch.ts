/** Batches for deployed contracts: records are real data, proofs come from the Groth16 simulator. */

import {
  type BatchForm,
  type Bytes32,
  batchChallenge,
  chunkEvaluation,
  chunksContentOf,
  domainOf,
  encodeChunkData,
  encodeCoefficientBlob,
  encodeVisible,
  FEE_TOKEN_FILLER,
  headerOf,
  NOOP,
  packContext,
  packFeeTokens,
  publicInputsOf,
  type RecordData,
  RecordKind,
  type StoredHeader,
  splitEvaluation,
  visibleSum,
  type Withdrawal,
  withdrawalsIn,
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
  readonly visible: Uint8Array[];
  readonly evaluations: bigint[];
  readonly opening: Uint8Array;
  readonly proofs: EvmProof[];
  readonly inputs: bigint[][];
  readonly header: StoredHeader;
  readonly withdrawals: Withdrawal[];
}

const NO_FEE_TOKENS = Array.from({ length: 4 }, () => FEE_TOKEN_FILLER);

type Simulated = Pick<DeployedRollup, 'deployment' | 'simulator'> & {
  readonly parameters: Pick<DeployedRollup['parameters'], 'slotsPerChunk'>;
};

/** The records of each chunk, filled with noops. */
function filledRecords({ parameters }: Simulated, content: BatchContent): RecordData[][] {
  return content.chunks.map((chunk) => [
    ...chunk,
    ...Array.from({ length: parameters.slotsPerChunk - chunk.length }, () => NOOP),
  ]);
}

/** What a batch says, by all but its proofs and evaluations, in a form. */
function statementOf(world: Simulated, content: BatchContent, form: BatchForm, blobHashes: readonly Bytes32[]) {
  const { parent, time } = content;
  const number = parent.number + 1;
  const records = filledRecords(world, content);
  const feeTokenLists = records.map((_, chunk) => content.feeTokens?.[chunk] ?? NO_FEE_TOKENS);
  return {
    number,
    time,
    roots: [
      parent.stateRoot,
      ...records.map((_, chunk) => content.roots?.[chunk] ?? BigInt(1000 * number + chunk + 1)),
    ],
    commitments: records.map((_, chunk) => BigInt(500_000 * number + chunk + 1)),
    feeTokenLists,
    feeTokens: feeTokenLists.map(packFeeTokens),
    form,
    chunks: form === 'calldata' ? records.map(encodeChunkData) : [],
    blobHashes,
    visible: records.map(encodeVisible),
    records,
  };
}

/** Builds and "proves" a batch, given where its data stands. */
function buildIn(world: Simulated, content: BatchContent, form: BatchForm, blobHashes: readonly Bytes32[]) {
  const { deployment, simulator } = world;
  const statement = statementOf(world, content, form, blobHashes);
  const { number, time, roots, commitments, feeTokens, feeTokenLists, chunks, visible, records } = statement;
  const challenge = batchChallenge({ ...deployment, number, ...chunksContentOf(statement) });
  const evaluations = records.map((chunk) => chunkEvaluation(chunk, challenge));
  const inputs = records.map((chunk, position) =>
    publicInputsOf({
      oldRoot: roots[position]!,
      newRoot: roots[position + 1]!,
      commitment: commitments[position]!,
      challenge,
      ...splitEvaluation(evaluations[position]!),
      sumV: visibleSum(challenge, chunk),
      domain: domainOf(deployment),
      context: packContext(feeTokenLists[position]!, time),
    }),
  );
  return {
    challenge,
    built: {
      parent: content.parent,
      batch: { number, time, roots, commitments, feeTokens },
      chunks,
      visible,
      evaluations: form === 'calldata' ? [] : evaluations,
      opening: new Uint8Array(),
      inputs,
      proofs: inputs.map((row) => evmProof(simulator.prove(row))),
      header: headerOf(content.parent, statement),
      withdrawals: withdrawalsIn(records.flat()),
    } satisfies BuiltBatch,
  };
}

/** Builds and "proves" a batch in calldata with the protocol's own TypeScript encodings. */
export function buildBatch(world: Simulated, content: BatchContent): BuiltBatch {
  return buildIn(world, content, 'calldata', []).built;
}

/** The blob of a batch's coefficients. */
export function blobOf(world: Simulated, content: BatchContent): Uint8Array {
  return encodeCoefficientBlob(filledRecords(world, content));
}

/**
 * The same batch with its data in a blob that was committed to, without the opening.
 *
 * @param blobHash its versioned hash.
 * @returns the batch, and the challenge at which the blob is opened.
 */
export function buildBlobBatch(world: Simulated, content: BatchContent, blobHash: Bytes32) {
  return buildIn(world, content, 'coefficients', [blobHash]);
}

/** What of a built batch goes into `submitBatch`. */
export type BatchArguments = Omit<BuiltBatch, 'header' | 'inputs' | 'withdrawals'>;

/** The arguments of `submitBatch`. */
export function submitArguments({ parent, batch, chunks, visible, evaluations, opening, proofs }: BatchArguments) {
  return [parent, batch, { chunks, visible, evaluations, opening }, proofs] as const;
}

/** The arguments of `readBatch` for a batch in calldata. */
export function readArguments(built: BatchArguments) {
  const [parent, batch, data] = submitArguments(built);
  return [parent, batch, 0, data] as const;
}

/** Sends a built batch, by default as the producer. */
export function submit(world: DeployedRollup, built: BatchArguments, signer = world.producer) {
  const rollup = world.rollup.connect(signer) as RollupContract;
  return rollup.submitBatch(...submitArguments(built));
}

/** A transfer of kind 1. */
export function transfer(from: number, to: number, amountFloat = 5n, feeFloat = 1): RecordData {
  return { fields: { kind: RecordKind.transfer, from, to, amountFloat, feeFloat }, words: [] };
}

/** A record of any kind with words. */
export function record(kind: number, words: readonly bigint[], from = 0, to = 0): RecordData {
  return { fields: { kind, from, to, amountFloat: 0n, feeFloat: 0 }, words };
}
