/** Makes a sequencer's database from the fake L1, as `quittance sequencer recover` does from a real one. */

import { cpSync, existsSync, rmSync } from 'node:fs';
import type { AssertionReader, BlobSource, RollupReader } from '@quittance/chain';
import { PROFILES } from '@quittance/protocol';
import { type RecoveryReport, recoverFromL1 } from '../../../sequencer/index.ts';
import { openStorage, type Storage } from '../../../storage/index.ts';
import type { Harness } from './harness.ts';
import { fastCrypto } from './harness.ts';

/** What a recovery reads. */
export interface ReadL1 {
  readonly reader: RollupReader;
  readonly assertions: AssertionReader | undefined;
  readonly blobs: BlobSource;
}

/** Reads the chain of `harness`, assertions and blobs included, as the readers of a real one do. */
export function l1Of({ chain, assertions }: Harness): ReadL1 {
  const posted = async () =>
    (await assertions.events(0, Number.MAX_SAFE_INTEGER)).filter(({ type }) => type === 'asserted');
  return {
    assertions,
    reader: {
      ...chain,
      async assertions(from, to) {
        const events = (await posted()).filter(({ blockNumber }) => blockNumber >= from && blockNumber <= to);
        return events.flatMap((event) =>
          event.type !== 'asserted'
            ? []
            : [
                {
                  headerHash: event.headerHash,
                  transactionHash: event.transactionHash,
                  blockNumber: event.blockNumber,
                  blockHash: event.blockHash,
                },
              ],
        );
      },
      async batchData(hash) {
        const isAsserted = (await posted()).some(({ transactionHash }) => transactionHash === hash);
        return isAsserted ? assertions.submission(hash) : chain.batchData(hash);
      },
    },
    blobs: {
      async getBlobs({ versionedHashes }) {
        const all = [...chain.submissions, ...assertions.asserted];
        return versionedHashes.map((hash) => {
          const of = all.find(({ blobHashes }) => blobHashes.includes(hash))!;
          return of.blobs[of.blobHashes.indexOf(hash)]!;
        });
      },
    },
  };
}

/** Makes the database in `file` from what L1 has. */
export async function recoverInto(
  harness: Harness,
  file: string,
  changes: Partial<Parameters<typeof recoverFromL1>[0]> = {},
): Promise<RecoveryReport> {
  const storage = openStorage({ file });
  try {
    return await recoverFromL1({
      storage,
      crypto: fastCrypto(),
      config: { profile: PROFILES.quick, deploymentBlock: 0, confirmations: 1 },
      clock: harness.clock,
      ...l1Of(harness),
      ...changes,
    });
  } finally {
    storage.close();
  }
}

const ENDS = ['', '-wal', '-shm', '.head'];

/** Copies a database that is closed, or just as it is. */
export function copyDatabase(from: string, to: string): void {
  for (const end of ENDS) {
    rmSync(`${to}${end}`, { force: true });
    if (existsSync(`${from}${end}`)) cpSync(`${from}${end}`, `${to}${end}`);
  }
}

/** Ends the sequencer, puts this database in place of its own, and starts again. */
export async function startFrom(harness: Harness, file: string, settings = {}): Promise<void> {
  await harness.sequencer.stop();
  harness.storage.close();
  copyDatabase(file, harness.file);
  await harness.reopen(settings);
}

/** What two databases of one rollup must both say of its batches, whoever made them. */
export function contentOf(storage: Storage): unknown {
  const { batches, chunks, outcomes, leaves, proofs, priority } = storage;
  const rows = batches.range(1, Number.MAX_SAFE_INTEGER);
  return {
    batches: rows.map(({ number, header, headerHash, form, transferCount, priorityCount, inclusion, state }) => ({
      ...{ number, header, headerHash, form, transferCount, priorityCount, inclusion, state },
    })),
    chunks: rows.flatMap(({ number }) =>
      chunks.ofBatch(number).map(({ places: _, firstTransfer: __, firstPriority: ___, ...content }) => content),
    ),
    withdrawals: rows.map(({ number }) => outcomes.withdrawalsOf(number)),
    proofs: rows.map(({ number }) => [proofs.countOf(number), proofs.get(number, 0)?.challenge]),
    state: [...leaves.stateAfter(batches.last()?.number ?? 0)],
    queue: priority.from(0, 1_000).map(({ sequence: _, ...row }) => row),
  };
}
