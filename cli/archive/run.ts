/** An archive as a process: keeps on until interrupted, or looks once. */

import { type BlobOrigin, createBlobSource, type Kzg } from '@quittance/chain';
import { type ArchiveReport, createArchive } from '@quittance/derivation';
import { isPassing, RollupError } from '@quittance/protocol';
import { type Logger, systemClock } from '../../runtime/index.ts';
import { type ArchiveFolder, createArchiveFolder } from '../../storage/index.ts';
import type { Values } from '../config/setting.ts';
import { chooseCrypto, lazyKzg } from '../crypto.ts';
import { originOf } from '../l1/blob-source.ts';
import { connectRollup, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { openLog, warningsOf } from '../process/log.ts';
import type { ARCHIVE_SETTINGS } from './settings.ts';

/** Missing blobs that are remembered as told: those of a few looks. */
const MAX_TOLD = 4_096;

type ArchiveValues = Values<typeof ARCHIVE_SETTINGS>;

/** The folder first: what it has is asked of nobody. What is kept there, the archive keeps, and says when it cannot. */
function openSource({ blobSource }: ArchiveValues, { name, read, readCells }: ArchiveFolder, kzg: Kzg, logger: Logger) {
  const own: BlobOrigin = { name, read, readCells };
  return createBlobSource({ origins: [own, ...blobSource.map(originOf)], kzg, logger });
}

function describe({ block, blobs, lacking, dropped, replayed, snapshot }: ArchiveReport): string {
  const state = replayed === undefined ? '' : `; state after batch ${replayed}, snapshot of ${snapshot ?? 'none'}`;
  const given = dropped === 0 ? '' : ` (the ${dropped} oldest are not asked for again without --check-all)`;
  return `L1 block ${block}: ${blobs} blobs are kept, ${lacking} are missing${given}${state}`;
}

/** Warns of what people should hear of, each blob once as long as it is one of the latest. */
function createTeller({ output }: Context): (report: ArchiveReport) => void {
  const told = new Set<string>();
  return ({ missing, skipped = [] }) => {
    for (const { batch, reason } of skipped) output.warn(`${batch}.snapshot is passed over: ${reason}`);
    for (const { request, reason } of missing) {
      const hash = request.versionedHashes[0]!;
      if (told.has(hash)) continue;
      if (told.size >= MAX_TOLD) told.clear();
      told.add(hash);
      output.warn(reason);
    }
  };
}

/** The error of a look that is the only one. */
function requireComplete({ missing, lacking }: ArchiveReport): void {
  const [first] = missing;
  if (first === undefined) return;
  const { blockNumber, versionedHashes } = first.request;
  throw new RollupError('BLOB_UNAVAILABLE', `${lacking} blobs are missing. ${first.reason}`, {
    hash: versionedHashes[0]!,
    blockNumber,
    lacking,
  });
}

async function lookOn(
  context: Context,
  { l1PollMs }: ArchiveValues,
  look: () => Promise<ArchiveReport>,
  logger: Logger,
): Promise<void> {
  const { output, signal } = context;
  const tell = createTeller(context);
  let isFirst = true;
  while (!signal.aborted) {
    try {
      const report = await look();
      tell(report);
      if (isFirst) output.result(report, () => describe(report));
      else if (report.blobs > 0) output.say(describe(report));
      isFirst = false;
    } catch (error) {
      if (signal.aborted && (error === signal.reason || isPassing(error))) return;
      if (!isPassing(error)) throw error;
      logger.warn('a look failed; the next one comes soon', { error });
    }
    await systemClock.sleep(l1PollMs, signal).catch(() => undefined); // it rejects when the user asks to stop
  }
}

/** Runs until it is interrupted, or once. @throws whatever stopped it. */
export async function runArchive(context: Context, values: ArchiveValues): Promise<void> {
  const { output, signal } = context;
  const { contract, fromBlock, folder: path, cells: indices, snapshotEvery, checkAll, once } = values;
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const reader = await connectRollup(l1, contract);
    const logger = once ? warningsOf(output) : openLog(context, values);
    const [store, kzg] = [createArchiveFolder(path), lazyKzg()];
    const archive = createArchive({
      reader,
      store,
      fromBlock,
      source: openSource(values, store, kzg, logger),
      checksAll: checkAll,
      cells: indices === undefined ? undefined : { indices, kzg },
      snapshots: snapshotEvery === 0 ? undefined : { everyBatches: snapshotEvery, crypto: chooseCrypto() },
    });
    const look = () => archive.look(signal);
    if (!once) return lookOn(context, values, look, logger);
    const report = await look();
    createTeller(context)({ ...report, missing: [] }); // those are the error
    output.result(report, () => describe(report));
    requireComplete(report);
  });
}
