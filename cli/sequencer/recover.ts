/** `quittance sequencer recover`: a database from L1, where the one that was is lost or old. */

import { createAssertionReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import { systemClock } from '../../runtime/index.ts';
import { type RecoveryReport, recoverFromL1 } from '../../sequencer/index.ts';
import { forgetJournal, hasJournal, openStorage, type Storage } from '../../storage/index.ts';
import type { Values } from '../config/setting.ts';
import { chooseCrypto } from '../crypto.ts';
import { openBlobSource } from '../l1/blob-source.ts';
import { connectRollup, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { warningsOf } from '../process/log.ts';
import { table } from '../process/output.ts';
import { profileOf } from './preflight.ts';
import type { RECOVER_SETTINGS } from './settings.ts';

/** Batches between two lines of progress. */
const PROGRESS_EVERY = 50;

const countText = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** What cannot be known, in words. */
function describeUnknown({ batch, batchTime, unlisted, dropped, open, opened }: RecoveryReport): string[] {
  const since = new Date(batchTime * 1_000).toISOString();
  const lines = [
    `UNKNOWN: what was acknowledged and is in no batch up to ${batch}. That is everything acknowledged since ${since}, when batch ` +
      `${batch} was sealed, and what waited for the next batch then. Senders find out by the nonce of their account, or send ` +
      'the same bytes again: NONCE_USED says that the transfer (or another with its nonce) was executed; else it is taken now.',
  ];
  if (unlisted > 0) {
    lines.push(
      `${countText(unlisted, 'transfer')} on L1 were proven, and a proof has neither ids nor signatures: they count in ` +
        'balances and nonces, and are found neither by id nor in histories.',
    );
  }
  if (open > 0)
    lines.push(
      `${countText(open, 'transfer')} of this database wait for the next batch, and are taken if they still can be.`,
    );
  if (dropped > 0)
    lines.push(`${countText(dropped, 'transfer')} of this database were dropped: L1 went on without them.`);
  if (opened !== undefined) {
    lines.push(
      `L1 has others in place of batches ${opened.first} to ${opened.last}, which were sealed here: their transfers were opened again.`,
    );
  }
  return lines;
}

function describe(file: string, report: RecoveryReport): string {
  const { adopted, batch, finalBatch, stateRoot, accountCount } = report;
  return [
    table([
      ['database', file],
      [
        'batches made from L1',
        adopted === undefined ? 'none: it has all that L1 has' : `${adopted.first} to ${adopted.last}`,
      ],
      ['last batch', `${batch}${batch > finalBatch ? `, of which ${finalBatch} is the last final one` : ''}`],
      ['state root', `0x${stateRoot.toString(16)}`],
      ['accounts', String(accountCount)],
    ]),
    '',
    ...describeUnknown(report),
  ].join('\n');
}

/**
 * What the log of nodes that share a journal has is there, and entries of this database alone would keep it out of the cluster.
 *
 * @throws RollupError CONFIG_INVALID unless the journal is said to be lost.
 */
function leaveJournal(storage: Storage, isLost: boolean): void {
  if (!hasJournal(storage)) return;
  if (isLost) {
    storage.commit(() => forgetJournal(storage));
    return;
  }
  const message =
    `the database ${storage.file} belongs to a journal, which has what was acknowledged: start the sequencer with --journal. If ` +
    'the journal is lost for good, say so with --leave-journal';
  throw new RollupError('CONFIG_INVALID', message, { name: 'leaveJournal', actual: storage.file });
}

/**
 * Brings the database up to what L1 has.
 *
 * @throws RollupError as `recoverFromL1`, or the signal's reason: the next run goes on there.
 */
export async function runRecover({ output, signal }: Context, values: Values<typeof RECOVER_SETTINGS>): Promise<void> {
  const { database: file, contract, fromBlock: deploymentBlock, confirmations } = values;
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const reader = await connectRollup(l1, contract);
    const profile = profileOf(await reader.connect());
    const assertions = createAssertionReader({ ...l1, contract });
    const hasAssertions = (await assertions.connect()) !== undefined;
    const storage = openStorage({ file, trustWithoutWitness: values.trustWithoutHead });
    try {
      leaveJournal(storage, values.leaveJournal);
      const report = await recoverFromL1({
        ...{ storage, reader, signal, clock: systemClock },
        config: { profile, deploymentBlock, confirmations },
        assertions: hasAssertions ? assertions : undefined,
        blobs: openBlobSource(values.blobSource, warningsOf(output)),
        crypto: chooseCrypto(),
        onProgress(batch, last) {
          if (batch % PROGRESS_EVERY === 0) output.say(`batch ${batch} of ${last}`);
        },
      });
      output.result({ file, ...report }, () => describe(file, report));
    } finally {
      storage.close();
    }
  });
}
