/**
 * Makes a sequencer's database from L1: anew in an empty file, or up to date where a backup was restored. What L1 does not have is
 * gone, and the report says so. Source: docs/adr/0040-recovery.md.
 */

import { onOneChain } from '@quittance/chain';
import { headerHash, invariantBroken } from '@quittance/protocol';
import { type Clock, type Logger, silentLogger } from '../../runtime/index.ts';
import type { BatchRow, Storage } from '../../storage/index.ts';
import { createLocalLogWriter } from '../log-writer.ts';
import { foldThreshold } from '../publisher/folding.ts';
import { restoreState } from '../restore.ts';
import { checkDeployment, type DeploymentSettings } from '../start/deployment.ts';
import { recover } from '../start/recover.ts';
import { unsealFrom } from '../start/unseal.ts';
import { adoptBatch } from './adopt.ts';
import { type L1Source, readL1, type Tip } from './from-l1.ts';
import type { L1Batch } from './l1-batch.ts';
import { conflict, type OwnLog, readOwnLog } from './own-log.ts';

export interface RecoverOptions extends Omit<L1Source, 'fromBlock' | 'constants'> {
  readonly storage: Storage;
  readonly config: DeploymentSettings & { readonly confirmations: number };
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly onProgress?: (batch: number, last: number) => void;
}

/** What was recovered, and what cannot be known. */
export interface RecoveryReport {
  /** Batches that were made from L1 in this run; undefined when there were none. */
  readonly adopted: { readonly first: number; readonly last: number } | undefined;
  /** The last batch, and the last that is final. */
  readonly batch: number;
  readonly finalBatch: number;
  readonly stateRoot: bigint;
  readonly headerHash: string;
  /** Unix seconds: when the last batch was sealed. What was acknowledged later is in none, nor what waited for the next. */
  readonly batchTime: number;
  readonly accountCount: number;
  /** Transfers of the adopted batches. */
  readonly transfers: number;
  /** Transfers of all batches that were made from L1, in this run or before, of which L1 has no ids. */
  readonly unlisted: number;
  /** Acknowledged transfers of the log that L1 went on without, and those that the next batch can still have. */
  readonly dropped: number;
  readonly open: number;
  /** Batches that were sealed here, and that L1 has others in place of: their transfers were opened again. */
  readonly opened: { readonly first: number; readonly last: number } | undefined;
}

/** The last batch of the database that can be one of L1: final ones are, the others as long as L1 says no other thing. */
function tipOf(options: RecoverOptions, genesis: Tip['header'], row: BatchRow | undefined): Tip {
  const state = restoreState(options.storage, options.crypto.engine, row, genesis);
  return { state, header: row?.header ?? genesis };
}

/**
 * Opens the batches from this one on again: L1 has another one in its place.
 *
 * @throws RollupError RECOVERY_CONFLICT when it was final here.
 */
async function openFrom({ storage, clock }: RecoverOptions, row: BatchRow, onL1: string): Promise<void> {
  if (row.state === 'final') {
    throw conflict(
      storage.file,
      row.number,
      `the header hash of batch ${row.number}, which was final,`,
      row.headerHash,
      onL1,
    );
  }
  storage.commit(() => {
    const later = storage.batches.range(row.number, Number.MAX_SAFE_INTEGER);
    for (const { number, state } of later)
      if (state !== 'sealed' && state !== 'proving') storage.batches.setUnposted(number, 'sealed');
  });
  await unsealFrom({ storage, clock, writer: createLocalLogWriter(storage) }, row);
}

/** Where a recovery is. */
interface Run {
  tip: Tip;
  own: OwnLog;
  first: number | undefined;
  transfers: number;
  dropped: number;
  opened: RecoveryReport['opened'];
}

/** Transfers without an entry in the log, by the last seal of each batch. */
function unlistedIn({ log }: Storage): number {
  const counts = new Map<number, number>();
  for (const { entry } of log.seals()) if (entry.type === 'seal') counts.set(entry.batch, entry.fromL1?.unlisted ?? 0);
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

const deploymentOf = ({ reader }: RecoverOptions) => ({ chainId: reader.chainId, contract: reader.contract });

/** Folds the accounts of final batches together now and then, so that neither the file nor memory grows with every batch. */
function foldNow({ storage }: RecoverOptions, { state }: Tip): void {
  const through = storage.batches.lastFinal()?.number ?? 0;
  if (storage.leaves.unfoldedCount(through) < foldThreshold(state.accountCount)) return;
  const fold = storage.leaves.fold(through);
  while (storage.stage(() => fold.step()));
}

/** Writes a batch down and moves on. */
function take(options: RecoverOptions, run: Run, batch: L1Batch): void {
  const { header } = batch.replayed;
  const { transferCount, droppedCount } = adoptBatch(options.storage, deploymentOf(options), run.own, batch);
  run.tip.header = header;
  run.first ??= header.number;
  run.transfers += transferCount;
  run.dropped += droppedCount;
  // What entries are found by is written as they come, so that it is never all in memory.
  for (const _ of options.storage.lookups.flush());
  foldNow(options, run.tip);
}

/** Header hash of a batch on L1, be it that it waits; undefined when there is none. */
async function hashOnL1({ reader, assertions }: RecoverOptions, number: number): Promise<string | undefined> {
  const final = await reader.headerHash(number);
  if (final !== undefined) return final;
  const id = await assertions?.pendingId(number);
  return id === undefined ? undefined : (await assertions!.assertion(id)).headerHash;
}

/** Compares the batches of the database with L1's, from its last final one on. What differs is opened again. */
async function openForeign(options: RecoverOptions, run: Run, genesis: Tip['header']): Promise<void> {
  const { storage } = options;
  const first = Math.max(1, storage.batches.lastFinal()?.number ?? 1);
  const last = storage.batches.last()?.number ?? 0;
  for (let number = first; number <= last; number += 1) {
    const row = storage.batches.get(number)!;
    const hash = await hashOnL1(options, number);
    if (hash === undefined) return;
    if (hash === row.headerHash) continue;
    await openFrom(options, row, hash);
    run.opened = { first: number, last };
    run.own = readOwnLog(storage);
    run.tip = tipOf(options, genesis, storage.batches.last());
    return;
  }
}

/** Takes what is final and what waits, until nothing new came meanwhile. */
async function takeAll(options: RecoverOptions, source: L1Source, run: Run): Promise<void> {
  const { reader } = source;
  for (;;) {
    const head = await reader.head();
    const { number: last } = await reader.finalState(head.hash);
    const { finals, waiting } = await readL1(source, () => run.tip, head);
    for await (const batch of finals()) {
      take(options, run, batch);
      options.onProgress?.(run.tip.header.number, last);
    }
    if (run.tip.header.number < (await reader.finalState()).number) continue;
    for await (const batch of waiting()) take(options, run, batch);
    return;
  }
}

/**
 * Brings the database up to what L1 has. Ends where it is aborted, behind a whole batch, and goes on there the next time.
 *
 * @throws RollupError RECOVERY_CONFLICT, DATABASE_FOREIGN, DATABASE_DAMAGED, CONFIG_INVALID, or as `readL1`.
 */
export async function recoverFromL1(options: RecoverOptions): Promise<RecoveryReport> {
  const { storage, config, crypto, logger = silentLogger } = options;
  const { deploymentBlock: fromBlock, confirmations, profile } = config;
  const reader = onOneChain(options.reader, { store: storage, blockNumber: fromBlock, confirmations });
  const constants = await reader.connect();
  const genesis = await checkDeployment(reader, storage, crypto, config, constants);
  const { assertions, blobs, signal } = options;
  const source: L1Source = { reader, assertions, blobs, crypto, constants, fromBlock, signal };
  const run: Run = {
    ...{ tip: tipOf(options, genesis, storage.batches.last()), own: readOwnLog(storage), first: undefined },
    ...{ transfers: 0, dropped: 0, opened: undefined },
  };
  await openForeign({ ...options, reader }, run, genesis);
  await takeAll(options, source, run);
  const engine = crypto.engine;
  const { state } = await recover({
    storage,
    engine,
    profile,
    deployment: deploymentOf(options),
    genesis,
    isProven: false,
  });
  const { header } = run.tip;
  if (state.root !== header.stateRoot) {
    throw invariantBroken(`the database has root ${state.root}, L1 has ${header.stateRoot}`, {
      expected: header.stateRoot,
      actual: state.root,
    });
  }
  const unlisted = unlistedIn(storage);
  logger.info('recovered from L1', { batch: header.number, transfers: run.transfers, unlisted });
  return {
    adopted: run.first === undefined ? undefined : { first: run.first, last: header.number },
    batch: header.number,
    finalBatch: storage.batches.lastFinal()?.number ?? 0,
    stateRoot: header.stateRoot,
    headerHash: headerHash(header),
    batchTime: header.time,
    accountCount: state.accountCount,
    ...{ transfers: run.transfers, unlisted, dropped: run.dropped, opened: run.opened },
    open: run.own.openTransferCount,
  };
}
