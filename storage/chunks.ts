/** The chunks of sealed batches, and their proofs once made. */

import { type Groth16Proof, proofFromWords, proofWords } from '@quittance/protocol';
import { FIELD_BYTES, fromBytes, toBytes } from './bytes.ts';
import type { Database } from './database.ts';

/** One chunk of a batch. */
export interface ChunkRow {
  readonly batch: number;
  /** 0 to K − 1. */
  readonly position: number;
  /** Chunk data as it goes to L1. */
  readonly data: Uint8Array;
  readonly oldRoot: bigint;
  readonly newRoot: bigint;
  readonly commitment: bigint;
  /** The four fee tokens, packed in 132 bits. */
  readonly feeTokens: bigint;
  readonly challenge: bigint;
  readonly proof: Groth16Proof | undefined;
}

/** Access to chunks. */
export interface ChunkRepository {
  insert(chunk: Omit<ChunkRow, 'proof'>): void;
  ofBatch(batch: number): ChunkRow[];
  setProof(batch: number, position: number, proof: Groth16Proof, proveMs: number): void;
}

interface Row {
  readonly batch: number;
  readonly position: number;
  readonly data: Buffer;
  readonly old_root: Buffer;
  readonly new_root: Buffer;
  readonly commitment: Buffer;
  readonly fee_tokens: string;
  readonly challenge: Buffer;
  readonly proof: string | null;
}

/** The chunks in `database`. */
export function createChunkRepository(database: Database): ChunkRepository {
  const insert = database.prepare(
    `INSERT INTO chunks (batch, position, data, old_root, new_root, commitment, fee_tokens, challenge)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const select = database.prepare<[number], Row>('SELECT * FROM chunks WHERE batch = ? ORDER BY position');
  const prove = database.prepare('UPDATE chunks SET proof = ?, prove_ms = ? WHERE batch = ? AND position = ?');
  return {
    insert({ batch, position, data, oldRoot, newRoot, commitment, feeTokens, challenge }) {
      const field = (value: bigint): Buffer => toBytes(value, FIELD_BYTES);
      insert.run(
        batch,
        position,
        Buffer.from(data),
        field(oldRoot),
        field(newRoot),
        field(commitment),
        feeTokens.toString(),
        field(challenge),
      );
    },
    ofBatch: (batch) =>
      select.all(batch).map((row) => ({
        batch: row.batch,
        position: row.position,
        data: new Uint8Array(row.data),
        oldRoot: fromBytes(row.old_root),
        newRoot: fromBytes(row.new_root),
        commitment: fromBytes(row.commitment),
        feeTokens: BigInt(row.fee_tokens),
        challenge: fromBytes(row.challenge),
        proof: row.proof === null ? undefined : proofFromWords((JSON.parse(row.proof) as string[]).map(BigInt)),
      })),
    setProof: (batch, position, proof, proveMs) =>
      void prove.run(JSON.stringify(proofWords(proof).map(String)), Math.round(proveMs), batch, position),
  };
}
