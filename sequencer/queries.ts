/** Reads accounts, transfers, batches and proofs, from memory and from the database. */

import {
  type Account,
  decodeAccountRows,
  type Engine,
  type ExecutionState,
  type Hasher,
  type Operation,
  RollupError,
  type StoredHeader,
  type Withdrawal,
} from '@quittance/protocol';
import {
  type BatchRow,
  type Drop,
  databaseDamaged,
  type PaymentReference,
  type Placement,
  type Storage,
} from '../storage/index.ts';
import { createClaims } from './claims.ts';
import { createHistory, fateOf, type History } from './history.ts';
import type { Ledger } from './mempool/ledger.ts';
import { createOccupants, type Occupant } from './occupants.ts';
import { restoreState } from './restore.ts';
import type { StateTag, TransferStatus } from './types.ts';

/** A transfer with what became of it. */
export interface TransferView {
  readonly id: bigint;
  readonly sequence: number;
  readonly status: TransferStatus;
  readonly receivedMs: number;
  readonly operation: Operation;
  readonly from: Occupant;
  /** Undefined where the money goes to L1. */
  readonly to: Occupant | undefined;
  readonly reference: PaymentReference | undefined;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly nonce: number;
  readonly batch: BatchRow | undefined;
  readonly placement: Placement | undefined;
  readonly drop: Drop | undefined;
}

/** A batch with how far its proofs are. */
export interface BatchOverview {
  readonly batch: BatchRow;
  readonly chunkCount: number;
  readonly provenCount: number;
}

/** A Merkle proof of an account in the state after a batch. */
export interface AccountProof {
  readonly index: number;
  readonly account: Account | undefined;
  readonly batch: number;
  readonly stateRoot: bigint;
  /** 12 levels of four children, the root's first. */
  readonly path: readonly (readonly bigint[])[];
}

/** All that a claim on L1 needs. */
export interface WithdrawalClaim {
  readonly header: StoredHeader;
  readonly status: TransferStatus;
  readonly index: number;
  readonly withdrawal: Withdrawal;
  readonly siblings: readonly string[];
}

/** Reads of the sequencer. */
export interface Queries {
  account(index: number, tag: StateTag): Account | undefined;
  /** Indices of the owner's accounts after `after`, ascending, at most `limit`. */
  accountsOf(owner: bigint, tag: StateTag, limit: number, after: number): { index: number; account: Account }[];
  statusOf(sequence: number): TransferStatus;
  transfer(id: bigint): TransferView | undefined;
  batch(number: number): { batch: BatchRow; withdrawals: Withdrawal[]; transferIds: bigint[] } | undefined;
  overview(number: number): BatchOverview | undefined;
  /** Batches with a lower number, the newest first, at most `limit`. */
  overviews(before: number, limit: number): BatchOverview[];
  /** From a number on, the oldest first, at most `limit`. */
  overviewsFrom(first: number, limit: number): BatchOverview[];
  readonly history: History;
  /** Number of the last batch that a tag includes. */
  lastBatch(tag: StateTag): number;
  /** In the final state, or after the last sealed batch. @throws RollupError BEING_SEALED while the next one is sealed. */
  proof(index: number, of: 'finalized' | 'sealed'): AccountProof;
  /** @throws RollupError NOT_FOUND. */
  withdrawal(batch: number, index: number): WithdrawalClaim;
}

export interface QueriesOptions {
  readonly storage: Storage;
  /** The present one: another takes its place when L1 takes operations back. */
  readonly ledger: Pick<Ledger, 'state' | 'pending' | 'directory'>;
  readonly engine: Engine;
  readonly hasher: Hasher;
  /** Of the deployment. */
  readonly domain: bigint;
  readonly genesis: StoredHeader;
}

/** The tree of the final state, built on first use and then updated batch by batch. */
function createFinalState({
  storage,
  engine,
  genesis,
}: QueriesOptions): () => { state: ExecutionState; batch: number } {
  let state: ExecutionState | undefined;
  let at = 0;
  return () => {
    const last = storage.batches.lastFinal();
    const target = last?.number ?? 0;
    const before = at === 0 ? genesis : storage.batches.get(at)?.header;
    const isKept = at <= target && at >= storage.leaves.foldedThrough;
    // L1 may have taken back the batch that it is after, and another one have its number now.
    if (state === undefined || !isKept || state.root !== before?.stateRoot) {
      state = restoreState(storage, engine, last, genesis);
    } else if (at < target) state.writeAll(decodeAccountRows(storage.leaves.changedIn(at + 1, target)));
    at = target;
    const expected = last?.header.stateRoot ?? genesis.stateRoot;
    if (state.root !== expected) {
      throw databaseDamaged(storage.file, `the accounts after batch ${target} do not have its state root`);
    }
    return { state, batch: target };
  };
}

/** A logged transfer with what became of it; undefined when there is none with this id. */
function findTransfer(storage: Storage, history: History, id: bigint): TransferView | undefined {
  const logged = storage.log.findTransfer(id);
  const event = logged === undefined ? undefined : history.eventOf(logged);
  if (event?.type !== 'transfer') return undefined;
  const { sequence, receivedMs, entry } = event.logged;
  const { status, placement, from, to, amount, fee, reference } = event;
  return {
    ...{ id, sequence, receivedMs, operation: entry.operation, nonce: entry.nonce },
    ...{ status, placement, from, to, amount, fee, reference },
    batch: placement === undefined ? undefined : storage.batches.get(placement.batch),
    drop: storage.outcomes.dropOf(sequence),
  };
}

/** Reads over the ledger and the database. */
export function createQueries(options: QueriesOptions): Queries {
  const { storage, ledger } = options;
  const finalState = createFinalState(options);
  const history = createHistory({ storage, occupants: createOccupants(options) });
  const overviewOf = (batch: BatchRow): BatchOverview => ({
    batch,
    chunkCount: storage.chunks.countOf(batch.number),
    provenCount: storage.proofs.countOf(batch.number),
  });

  const lastBatch = (tag: StateTag): number => {
    const { batches } = storage;
    const row = tag === 'latest' ? batches.last() : tag === 'safe' ? batches.lastPosted() : batches.lastFinal();
    return row?.number ?? 0;
  };

  /** The tree after the last sealed batch. @throws RollupError BEING_SEALED while the next one is executed on it. */
  const sealedState = (): { state: ExecutionState; batch: number } => {
    const last = storage.batches.last();
    const { state } = ledger;
    if (state.root !== (last?.header.stateRoot ?? options.genesis.stateRoot)) {
      throw new RollupError('BEING_SEALED', 'a batch is being sealed at this moment; ask again in a second');
    }
    return { state, batch: last?.number ?? 0 };
  };

  const account = (index: number, tag: StateTag): Account | undefined =>
    tag === 'latest' ? ledger.pending.get(index) : storage.leaves.getAfter(lastBatch(tag), index);

  return {
    account,
    accountsOf(owner, tag, limit, after) {
      const found: { index: number; account: Account }[] = [];
      for (const index of ledger.directory.ofOwner(owner)) {
        if (index <= after) continue;
        if (found.length === limit) break;
        const content = account(index, tag);
        if (content?.owner === owner) found.push({ index, account: content });
      }
      return found;
    },
    history,
    statusOf: (sequence) => fateOf(storage, sequence).status,
    transfer: (id) => findTransfer(storage, history, id),
    overview(number) {
      const batch = storage.batches.get(number);
      return batch === undefined ? undefined : overviewOf(batch);
    },
    overviews: (before, limit) => storage.batches.before(before, limit).map(overviewOf),
    overviewsFrom: (first, limit) => storage.batches.range(first, first + limit - 1).map(overviewOf),
    batch(number) {
      const batch = storage.batches.get(number);
      if (batch === undefined) return undefined;
      const transferIds = storage.outcomes.transferIdsOf(number);
      return { batch, withdrawals: storage.outcomes.withdrawalsOf(number), transferIds };
    },
    lastBatch,
    proof(index, of) {
      const { state, batch } = of === 'finalized' ? finalState() : sealedState();
      return { index, account: state.get(index), batch, stateRoot: state.root, path: state.path(index) };
    },
    withdrawal: createClaims(storage),
  };
}
