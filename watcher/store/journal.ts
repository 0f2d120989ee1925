/**
 * What the watcher began on L1. Each action is written down with the nonce of its transaction before it is sent: after a
 * crash it is either seen on L1, or sent again with the same nonce, of which L1 includes one at most.
 */

import type { L1Inclusion } from '@quittance/chain';
import type { Database } from '../../storage/index.ts';

/** An action that was begun. */
export interface Attempt {
  /** Names the action: the same key means the same action. */
  readonly key: string;
  readonly nonce: number;
  readonly state: 'begun' | 'included';
  /** In which it was included; 0 before. */
  readonly block: number;
}

/** A commitment to a step, with what its proof needs. */
export interface CommittedStep {
  readonly commitment: string;
  readonly assertionId: bigint;
  readonly headerHash: string;
  readonly chunk: number;
  readonly slot: number;
  readonly prover: string;
  readonly salt: string;
}

/** Access to actions and commitments. */
export interface JournalRepository {
  get(key: string): Attempt | undefined;
  begin(key: string, nonce: number, nowMs: number): void;
  finish(
    key: string,
    inclusion: Pick<L1Inclusion, 'transactionHash' | 'blockNumber'>,
    costWei: bigint,
    nowMs: number,
  ): void;
  /** The action did not happen and may be begun anew. */
  drop(key: string): void;
  /** Forgets what was begun or committed to before. */
  prune(beforeMs: number): void;
  putStep(step: CommittedStep, nowMs: number): void;
  /** Our commitment for a chunk of this very batch, the newest first. */
  stepsOf(assertionId: bigint, headerHash: string, chunk: number): CommittedStep[];
}

interface StepRow extends Omit<CommittedStep, 'assertionId' | 'headerHash'> {
  readonly assertion: number;
  readonly header_hash: string;
}

/** The journal in `database`. */
export function createJournalRepository(database: Database): JournalRepository {
  const select = database.prepare<[string], Attempt>('SELECT key, nonce, state, block FROM attempts WHERE key = ?');
  const begin = database.prepare<[string, number, number]>(
    "INSERT OR REPLACE INTO attempts (key, nonce, state, updated_ms) VALUES (?, ?, 'begun', ?)",
  );
  const finish = database.prepare<[string, number, string, number, string]>(
    "UPDATE attempts SET state = 'included', transaction_hash = ?, block = ?, cost_wei = ?, updated_ms = ? WHERE key = ?",
  );
  const drop = database.prepare<[string]>('DELETE FROM attempts WHERE key = ?');
  const pruneAttempts = database.prepare<[number]>('DELETE FROM attempts WHERE updated_ms < ?');
  const pruneSteps = database.prepare<[number]>('DELETE FROM steps WHERE created_ms < ?');
  const insertStep = database.prepare<[string, number, string, number, number, string, string, number]>(
    `INSERT INTO steps (commitment, assertion, header_hash, chunk, slot, prover, salt, created_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const selectSteps = database.prepare<[number, string, number], StepRow>(
    `SELECT commitment, assertion, header_hash, chunk, slot, prover, salt FROM steps
     WHERE assertion = ? AND header_hash = ? AND chunk = ? ORDER BY created_ms DESC, rowid DESC`,
  );
  return {
    get: (key) => select.get(key),
    begin: (key, nonce, nowMs) => void begin.run(key, nonce, nowMs),
    finish: (key, { transactionHash, blockNumber }, costWei, nowMs) =>
      void finish.run(transactionHash, blockNumber, costWei.toString(), nowMs, key),
    drop: (key) => void drop.run(key),
    prune(beforeMs) {
      pruneAttempts.run(beforeMs);
      pruneSteps.run(beforeMs);
    },
    putStep({ commitment, assertionId, headerHash, chunk, slot, prover, salt }, nowMs) {
      insertStep.run(commitment, Number(assertionId), headerHash, chunk, slot, prover, salt, nowMs);
    },
    stepsOf: (assertionId, headerHash, chunk) =>
      selectSteps.all(Number(assertionId), headerHash, chunk).map(({ assertion, header_hash, ...step }) => ({
        ...step,
        assertionId: BigInt(assertion),
        headerHash: header_hash,
      })),
  };
}
