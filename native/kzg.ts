/** KZG by rust-eth-kzg, a binary that npm brings for the common platforms: many times as fast as in JavaScript. */

import { createRequire } from 'node:module';
import type { DasContextJs } from '@crate-crypto/node-eth-kzg';

const ELEMENT_BYTES = 32;
/** Cells that make up the blob itself: the first half. */
const BLOB_CELLS = 64;

interface CellsAndProofs {
  readonly cells: readonly Uint8Array[];
  readonly proofs: readonly Uint8Array[];
}

/** What `@quittance/chain` calls Kzg. */
export interface NativeKzg {
  commitment(blob: Uint8Array): Promise<Uint8Array>;
  open(blob: Uint8Array, z: bigint): Promise<{ readonly y: bigint; readonly proof: Uint8Array }>;
  verify(commitment: Uint8Array, z: bigint, y: bigint, proof: Uint8Array): Promise<boolean>;
  cells(blob: Uint8Array): Promise<CellsAndProofs>;
  verifyCells(commitment: Uint8Array, indices: readonly number[], cells: CellsAndProofs): Promise<boolean>;
  restore(indices: readonly number[], cells: readonly Uint8Array[]): Promise<Uint8Array>;
}

function elementBytes(value: bigint): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(2 * ELEMENT_BYTES, '0'), 'hex'));
}

/** The library throws for what is no point, no element or no cell: none of these belongs to any commitment. */
async function orFalse(check: () => Promise<boolean>): Promise<boolean> {
  try {
    return await check();
  } catch {
    return false;
  }
}

function load(): typeof import('@crate-crypto/node-eth-kzg') | undefined {
  try {
    return createRequire(import.meta.url)('@crate-crypto/node-eth-kzg') as typeof import('@crate-crypto/node-eth-kzg');
  } catch {
    return undefined;
  }
}

function kzgOf(context: DasContextJs): NativeKzg {
  return {
    commitment: (blob) => context.asyncBlobToKzgCommitment(blob),
    async open(blob, z) {
      const [proof, y] = await context.asyncComputeKzgProof(blob, elementBytes(z));
      return { y: BigInt(`0x${Buffer.from(y!).toString('hex')}`), proof: proof! };
    },
    verify: (commitment, z, y, proof) =>
      orFalse(() => context.asyncVerifyKzgProof(commitment, elementBytes(z), elementBytes(y), proof)),
    async cells(blob) {
      // The binding's object has getters, which a spread would leave behind.
      const { cells, proofs } = await context.asyncComputeCellsAndKzgProofs(blob);
      return { cells, proofs };
    },
    verifyCells: (commitment, indices, { cells, proofs }) =>
      orFalse(() =>
        context.asyncVerifyCellKzgProofBatch(
          indices.map(() => commitment),
          [...indices],
          [...cells],
          [...proofs],
        ),
      ),
    async restore(indices, cells) {
      const all = await context.asyncRecoverCellsAndKzgProofs([...indices], [...cells]);
      return new Uint8Array(Buffer.concat(all.cells.slice(0, BLOB_CELLS)));
    },
  };
}

/**
 * Kzg on threads of its own; undefined where npm has no binary for the platform. The trusted setup is prepared here,
 * which takes a second or two.
 * Twin: packages/chain/blobs/portable-kzg.ts createPortableKzg.
 */
export function createNativeKzg(): NativeKzg | undefined {
  const library = load();
  return library === undefined ? undefined : kzgOf(library.DasContextJs.create({ usePrecomp: false }));
}
