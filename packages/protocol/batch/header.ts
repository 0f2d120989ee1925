/** The header of a batch, of which L1 keeps the hash. Source: docs/protocol.md, Batch and header. */

import { type Bytes32, encodeAbi, encodeWords, keccak } from './abi.ts';
import { type BatchForm, formNumber } from './form.ts';

/** Content of a header; L1 stores only its hash. Twin: contracts/types/RollupTypes.sol StoredHeader. */
export interface StoredHeader {
  readonly number: number;
  /** Unix seconds. */
  readonly time: number;
  readonly parentHash: Bytes32;
  readonly stateRoot: bigint;
  readonly chunksHash: Bytes32;
  readonly withdrawalsRoot: Bytes32;
  readonly withdrawalCount: number;
  /** Priority operations executed up to and with this batch. */
  readonly priorityCount: number;
  /** Kind 2 records executed up to and with this batch. */
  readonly transferToNewCount: number;
}

/** 32 zero bytes. */
export const ZERO_BYTES32: Bytes32 = `0x${'00'.repeat(32)}`;

/** Header of batch 0: the empty state. @param stateRoot root of the empty tree. @param time of deployment. */
export function genesisHeader(stateRoot: bigint, time: number): StoredHeader {
  return {
    number: 0,
    time,
    parentHash: ZERO_BYTES32,
    stateRoot,
    chunksHash: ZERO_BYTES32,
    withdrawalsRoot: ZERO_BYTES32,
    withdrawalCount: 0,
    priorityCount: 0,
    transferToNewCount: 0,
  };
}

/** keccak(abi(StoredHeader)). Twin: contracts/libraries/Headers.sol hash. */
export function headerHash(header: StoredHeader): Bytes32 {
  return keccak(
    encodeWords([
      header.number,
      header.time,
      header.parentHash,
      header.stateRoot,
      header.chunksHash,
      header.withdrawalsRoot,
      header.withdrawalCount,
      header.priorityCount,
      header.transferToNewCount,
    ]),
  );
}

/** What a batch says of its chunks. */
export interface ChunksContent {
  readonly form: BatchForm;
  /** Hashes of the data, as its form has them (`dataHashesOf`). */
  readonly dataHashes: readonly Bytes32[];
  /** K hashes of visible lists. */
  readonly visibleHashes: readonly Bytes32[];
  /** K + 1 roots. */
  readonly roots: readonly bigint[];
  /** K commitments. */
  readonly commitments: readonly bigint[];
  /** K packed fee token lists. */
  readonly feeTokens: readonly bigint[];
}

/**
 * keccak over all that a batch says of its chunks.
 * Twin: contracts/libraries/Headers.sol chunksHash.
 */
export function chunksHash(content: ChunksContent): Bytes32 {
  const { form, dataHashes, visibleHashes, roots, commitments, feeTokens } = content;
  return keccak(encodeAbi([formNumber(form), dataHashes, visibleHashes, roots, commitments, feeTokens]));
}
