/**
 * What the watcher began on L1. Each action is written down with the nonce of its transaction before it is sent: after a
 * crash it is either seen on L1, or sent again with the same nonce, of which L1 includes one at most.
 */

import type { L1Inclusion } from '@quittance/chain';
import { createTable, type Database, type Stored, type TableShape } from '../../storage/index.ts';

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
  /** Whether something was begun or committed to before. */
  isOld(beforeMs: number): boolean;
  /** Forgets what was begun or committed to before. */
  prune(beforeMs: number): void;
  putStep(step: CommittedStep, nowMs: number): void;
  /** Our commitment for a chunk of this very batch, the newest first. */
  stepsOf(assertionId: bigint, headerHash: string, chunk: number): CommittedStep[];
}

interface StepRow extends Omit<CommittedStep, 'assertionId' | 'headerHash'> {
  readonly assertion: number;
  readonly header_hash: string;
  readonly created_ms: number;
}

interface AttemptRow extends Attempt {
  readonly transaction_hash: string | null;
  readonly cost_wei: string | null;
  readonly updated_ms: number;
}

export const STEPS: TableShape<StepRow> = {
  name: 'steps',
  columns: ['commitment', 'assertion', 'header_hash', 'chunk', 'slot', 'prover', 'salt', 'created_ms'],
  key: ['commitment'],
};
export const ATTEMPTS: TableShape<AttemptRow> = {
  name: 'attempts',
  columns: ['key', 'nonce', 'state', 'block', 'transaction_hash', 'cost_wei', 'updated_ms'],
  key: ['key'],
};

/** The journal in `database`. */
export function createJournalRepository(database: Database): JournalRepository {
  const steps = createTable(database, STEPS);
  const attempts = createTable(database, ATTEMPTS);
  const select = database.prepare<[string], Stored<AttemptRow>>('SELECT * FROM attempts WHERE key = ?');
  const drop = database.prepare<[string]>('DELETE FROM attempts WHERE key = ?');
  const selectOld = database.prepare<[number, number], object>(
    'SELECT 1 FROM attempts WHERE updated_ms < ? UNION ALL SELECT 1 FROM steps WHERE created_ms < ? LIMIT 1',
  );
  const pruneAttempts = database.prepare<[number]>('DELETE FROM attempts WHERE updated_ms < ?');
  const pruneSteps = database.prepare<[number]>('DELETE FROM steps WHERE created_ms < ?');
  const selectSteps = database.prepare<[number, string, number], Stored<StepRow>>(
    `SELECT * FROM steps WHERE assertion = ? AND header_hash = ? AND chunk = ? ORDER BY created_ms DESC, rowid DESC`,
  );
  return {
    get(key) {
      const row = select.get(key);
      if (row === undefined) return undefined;
      const { nonce, state, block } = attempts.checked(row);
      return { key, nonce, state, block };
    },
    begin: (key, nonce, nowMs) =>
      attempts.put({
        ...{ key, nonce, state: 'begun', block: 0, transaction_hash: null, cost_wei: null },
        updated_ms: nowMs,
      }),
    finish(key, { transactionHash, blockNumber }, costWei, nowMs) {
      const row = select.get(key);
      if (row === undefined) return;
      attempts.update({
        ...attempts.checked(row),
        ...{ state: 'included', block: blockNumber, transaction_hash: transactionHash },
        ...{ cost_wei: costWei.toString(), updated_ms: nowMs },
      });
    },
    drop: (key) => void drop.run(key),
    isOld: (beforeMs) => selectOld.get(beforeMs, beforeMs) !== undefined,
    prune(beforeMs) {
      pruneAttempts.run(beforeMs);
      pruneSteps.run(beforeMs);
    },
    putStep({ commitment, assertionId, headerHash, chunk, slot, prover, salt }, nowMs) {
      const assertion = Number(assertionId);
      steps.insert({ commitment, assertion, header_hash: headerHash, chunk, slot, prover, salt, created_ms: nowMs });
    },
    stepsOf: (assertionId, headerHash, chunk) =>
      selectSteps.all(Number(assertionId), headerHash, chunk).map((row) => {
        const { commitment, slot, prover, salt } = steps.checked(row);
        return { commitment, assertionId, headerHash, chunk, slot, prover, salt };
      }),
  };
}
