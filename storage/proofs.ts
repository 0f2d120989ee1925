/** The proofs of chunks. A proof can always be made anew, so one that is not as it was written is no proof. */

import { type Groth16Proof, proofFromWords, proofWords } from '@quittance/protocol';
import { FIELD_BYTES, fromBytes, toBytes } from './bytes.ts';
import type { Database } from './database.ts';
import { createTable, isRowIntact, type Stored, type TableShape } from './table.ts';

/** A proof with what it proves. */
export interface ProofRow {
  readonly batch: number;
  readonly chunk: number;
  /** The public input that it was made for. */
  readonly challenge: bigint;
  readonly proof: Groth16Proof;
  readonly proveMs: number;
}

/** Access to proofs. */
export interface ProofRepository {
  /** Replaces the one that was there. */
  put(row: ProofRow): void;
  /** Undefined when there is none that is as it was written. */
  get(batch: number, chunk: number): ProofRow | undefined;
  /** Whether anything is stored in its place, readable or not. */
  has(batch: number, chunk: number): boolean;
  remove(batch: number, chunk: number): void;
  /** Chunks of a batch that have one. */
  countOf(batch: number): number;
}

interface Row {
  readonly batch: number;
  readonly position: number;
  readonly challenge: Buffer;
  readonly proof: string;
  readonly prove_ms: number;
}

export const PROOFS: TableShape<Row> = {
  name: 'proofs',
  columns: ['batch', 'position', 'challenge', 'proof', 'prove_ms'],
  key: ['batch', 'position'],
};

/** The proofs in `database`. */
export function createProofRepository(database: Database): ProofRepository {
  const table = createTable(database, PROOFS);
  const select = database.prepare<[number, number], Stored<Row>>(
    'SELECT * FROM proofs WHERE batch = ? AND position = ?',
  );
  const remove = database.prepare<[number, number]>('DELETE FROM proofs WHERE batch = ? AND position = ?');
  const count = database.prepare<[number], { total: number }>('SELECT COUNT(*) AS total FROM proofs WHERE batch = ?');
  return {
    countOf: (batch) => count.get(batch)!.total,
    put({ batch, chunk, challenge, proof, proveMs }) {
      table.put({
        batch,
        position: chunk,
        challenge: toBytes(challenge, FIELD_BYTES),
        proof: JSON.stringify(proofWords(proof).map(String)),
        prove_ms: Math.round(proveMs),
      });
    },
    get(batch, chunk) {
      const row = select.get(batch, chunk);
      if (row === undefined || !isRowIntact(PROOFS, row)) return undefined;
      const { challenge, proof, prove_ms } = row;
      return {
        batch,
        chunk,
        challenge: fromBytes(challenge),
        proof: proofFromWords((JSON.parse(proof) as string[]).map(BigInt)),
        proveMs: prove_ms,
      };
    },
    has: (batch, chunk) => select.get(batch, chunk) !== undefined,
    remove: (batch, chunk) => void remove.run(batch, chunk),
  };
}
