/** `quittance sequencer salvage`: what a damaged database still holds, in a new one beside it. */

import type { RollupReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import { findDamage } from '../../sequencer/index.ts';
import { openStorage, type SalvageReport, salvageDatabase } from '../../storage/index.ts';
import type { Values } from '../config/setting.ts';
import { chooseCrypto } from '../crypto.ts';
import { connectRollup, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { table } from '../process/output.ts';
import type { SALVAGE_SETTINGS } from './settings.ts';

/** Ids that are printed as text; --json has them all. */
const SHOWN_IDS = 20;

/** What L1 says beside the report. */
interface OnL1 {
  readonly finalBatch: number;
  /** Final batches that the new database does not have. */
  readonly missing: { readonly first: number; readonly last: number } | undefined;
}

/** Which final batches of L1 the new database lacks. */
export async function askL1(
  reader: Pick<RollupReader, 'finalState'>,
  { batches }: Pick<SalvageReport, 'batches'>,
): Promise<OnL1> {
  const { number: finalBatch } = await reader.finalState();
  return { finalBatch, missing: finalBatch > batches ? { first: batches + 1, last: finalBatch } : undefined };
}

function describe(report: SalvageReport, onL1: OnL1 | undefined): string {
  const { file, isWhole, entries, acknowledged, missing, known, batches, sealedBatches, mendedRows, problem } = report;
  const lines = [
    table([
      ['new database', file],
      ['log entries saved', `${entries}${missing === undefined ? '' : ` of ${acknowledged}`}`],
      ['batches saved', `${batches}${sealedBatches > batches ? ` of ${sealedBatches}` : ''}`],
      ['other rows', isWhole ? 'all as they were' : `those that are intact, and ${mendedRows} with one bit mended`],
      ...(onL1 === undefined ? [] : [['last final batch on L1', String(onL1.finalBatch)]]),
    ]),
    '',
  ];
  if (acknowledged === undefined)
    lines.push('The witness is lost: whether acknowledged entries are missing is not known.');
  else if (missing === undefined) lines.push('No acknowledged entry is missing.');
  else lines.push(`MISSING: ${missing.count} acknowledged entries, ${missing.first} to ${missing.last}.`);
  if (known.length > 0) {
    lines.push(`Transfers among them whose id is known (${known.length}):`);
    lines.push(...known.slice(0, SHOWN_IDS).map(({ sequence, id }) => `  entry ${sequence}: ${id}`));
    if (known.length > SHOWN_IDS) lines.push(`  … ${known.length - SHOWN_IDS} more; --json has all`);
  }
  if (onL1?.missing !== undefined) {
    const { first, last } = onL1.missing;
    lines.push(`L1 has final batches ${first} to ${last}, which the new database has not: it can be read, not go on.`);
  }
  if (sealedBatches > batches)
    lines.push(`Batches ${batches + 1} to ${sealedBatches} are opened again: rows of them are damaged.`);
  if (problem !== undefined) lines.push(`The sequencer does not start from it: ${problem}`);
  return lines.join('\n');
}

/** Why the sequencer would not start from the new database, L1 left aside. */
async function problemOf(file: string): Promise<string | undefined> {
  const storage = openStorage({ file });
  try {
    return await findDamage(storage, chooseCrypto());
  } finally {
    storage.close();
  }
}

/** @throws RollupError ACKNOWLEDGED_LOST after all is written and said, when something acknowledged is missing. */
export async function runSalvage({ output }: Context, values: Values<typeof SALVAGE_SETTINGS>): Promise<void> {
  const { database, into, l1Url, chainId, contract } = values;
  const saved = salvageDatabase({ file: database, into, nowMs: Date.now() });
  const report = { ...saved, problem: saved.problem ?? (await problemOf(into)) };
  const onL1 =
    l1Url === undefined || contract === undefined
      ? undefined
      : await withL1({ url: l1Url, expected: chainId }, async (l1) => askL1(await connectRollup(l1, contract), report));
  output.result({ ...report, ...(onL1 === undefined ? {} : { onL1 }) }, () => describe(report, onL1));
  const { missing, known } = report;
  if (missing === undefined) return;
  const { first, last, count } = missing;
  throw new RollupError(
    'ACKNOWLEDGED_LOST',
    `${count} acknowledged entries, ${first} to ${last}, could not be saved; an up-to-date backup may have them`,
    { first, last, count, known: known.length },
  );
}
