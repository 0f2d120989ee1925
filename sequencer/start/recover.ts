/** Restores from the database what was sealed: the state, and the batches that are not final yet. */

import {
  type Crypto,
  type Deployment,
  type Engine,
  type ExecutionState,
  genesisHeader,
  headerHash,
  type Profile,
  RollupState,
  type StoredHeader,
} from '@quittance/protocol';
import { type BatchRow, databaseDamaged, type Storage } from '../../storage/index.ts';
import type { SealedChunk } from '../batcher/batch.ts';
import { restoreState } from '../restore.ts';
import { rederiveBatch } from './rederive.ts';

/** A sealed batch that is not final. */
export interface RecoveredBatch {
  readonly batch: BatchRow;
  readonly chunks: readonly SealedChunk[];
}

/** What was sealed before the sequencer stopped. */
export interface Recovered {
  /** The state after the last sealed batch. */
  readonly state: ExecutionState;
  /** Header of the last sealed batch, or of the genesis. */
  readonly parent: StoredHeader;
  readonly unfinished: readonly RecoveredBatch[];
}

export interface RecoverInput {
  readonly storage: Storage;
  readonly engine: Engine;
  readonly profile: Profile;
  readonly deployment: Deployment;
  readonly genesis: StoredHeader;
  /** Whether a prover needs the traces of what is not final. */
  readonly isProven: boolean;
  /** Whether each transfer must be the one whose signature was checked: for an engine that did not execute it before. */
  readonly checksIds?: boolean;
}

/** Checks that each seal in the log has its batch, and each batch its seal. */
function checkSeals(storage: Storage): void {
  const hashes = new Map<number, string>();
  for (const { entry } of storage.log.seals()) {
    if (entry.type === 'seal' && entry.batch > 0) hashes.set(entry.batch, entry.headerHash);
    if (entry.type === 'unseal')
      for (const number of [...hashes.keys()]) if (number >= entry.batch) hashes.delete(number);
  }
  const last = storage.batches.last()?.number ?? 0;
  if (hashes.size !== last)
    throw databaseDamaged(storage.file, `the log seals ${hashes.size} batches, ${last} are stored`);
  for (const [number, hash] of hashes) {
    const batch = storage.batches.get(number);
    if (batch === undefined || batch.headerHash !== hash || headerHash(batch.header) !== hash) {
      throw databaseDamaged(storage.file, `batch ${number} is not the one that was sealed`);
    }
  }
}

/**
 * Loads the last final state, recomputes its root, and re-executes every batch sealed after it.
 *
 * @throws RollupError DATABASE_DAMAGED when anything differs from what was sealed; RESOURCES_SHORT.
 */
export async function recover(input: RecoverInput): Promise<Recovered> {
  const { storage, engine, profile, deployment, genesis, isProven, checksIds = false } = input;
  checkSeals(storage);
  const base = storage.batches.lastFinal();
  const state = restoreState(storage, engine, base, genesis);
  storage.leaves.readVersions();
  const unfinished: RecoveredBatch[] = [];
  const last = storage.batches.last();
  for (let number = (base?.number ?? 0) + 1; number <= (last?.number ?? 0); number++) {
    const batch = storage.batches.get(number)!;
    const parent = storage.batches.get(number - 1)?.header ?? genesis;
    // Nothing proves what was asserted in blobs.
    const traces = isProven && batch.form !== 'evaluations';
    const how = { traces, checksIds };
    const chunks = await rederiveBatch({ storage, engine, profile, deployment, state, parent, batch, ...how });
    unfinished.push({ batch, chunks });
  }
  return { state, parent: last?.header ?? genesis, unfinished };
}

/** The genesis: the empty state at the time of deployment. */
export function genesisOf(crypto: Pick<Crypto, 'hasher'>, deploymentTime: number): StoredHeader {
  return genesisHeader(new RollupState(crypto.hasher).root, deploymentTime);
}
