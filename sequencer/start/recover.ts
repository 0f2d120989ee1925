/** Restores from the database what was sealed: the state, and the batches that are not final yet. */

import {
  type Crypto,
  type Deployment,
  genesisHeader,
  headerHash,
  type Profile,
  RollupState,
  type StoredHeader,
} from '@quittance/protocol';
import { type BatchRow, databaseDamaged, type Storage } from '../../storage/index.ts';
import type { SealedChunk } from '../batcher/execute.ts';
import { rederiveBatch } from './rederive.ts';

/** A sealed batch that is not final, with its traces. */
export interface RecoveredBatch {
  readonly batch: BatchRow;
  readonly chunks: readonly SealedChunk[];
}

/** What was sealed before the sequencer stopped. */
export interface Recovered {
  /** The state after the last sealed batch. */
  readonly state: RollupState;
  /** Header of the last sealed batch, or of the genesis. */
  readonly parent: StoredHeader;
  readonly unfinished: readonly RecoveredBatch[];
}

export interface RecoverInput {
  readonly storage: Storage;
  readonly crypto: Pick<Crypto, 'hasher'>;
  readonly profile: Profile;
  readonly deployment: Deployment;
  readonly genesis: StoredHeader;
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
 * @throws RollupError DATABASE_DAMAGED when anything differs from what was sealed.
 */
export function recover({ storage, crypto, profile, deployment, genesis }: RecoverInput): Recovered {
  checkSeals(storage);
  const base = storage.batches.lastFinal();
  const state = new RollupState(crypto.hasher, storage.leaves.stateAfter(base?.number ?? 0));
  const expectedRoot = base?.header.stateRoot ?? genesis.stateRoot;
  if (state.root !== expectedRoot) {
    throw databaseDamaged(
      storage.file,
      `the accounts after batch ${base?.number ?? 0} have root ${state.root}, not ${expectedRoot}`,
    );
  }
  const unfinished: RecoveredBatch[] = [];
  const last = storage.batches.last();
  for (let number = (base?.number ?? 0) + 1; number <= (last?.number ?? 0); number++) {
    const batch = storage.batches.get(number)!;
    const parent = storage.batches.get(number - 1)?.header ?? genesis;
    unfinished.push({ batch, chunks: rederiveBatch({ storage, profile, crypto, deployment, state, parent, batch }) });
  }
  return { state, parent: last?.header ?? genesis, unfinished };
}

/** The genesis: the empty state at the time of deployment. */
export function genesisOf(crypto: Pick<Crypto, 'hasher'>, deploymentTime: number): StoredHeader {
  return genesisHeader(new RollupState(crypto.hasher).root, deploymentTime);
}
