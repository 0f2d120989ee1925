/** `quittance sequencer copy`: the database of a sequencer that runs, taken without stopping it. */

import type { RollupReader } from '@quittance/chain';
import { findDamage, readDeployment } from '../../../sequencer/index.ts';
import { acceptCopy, partOf, prepareNew, type Storage } from '../../../storage/index.ts';
import type { Values } from '../../config/setting.ts';
import { chooseCrypto } from '../../crypto.ts';
import { connectRollup, withL1 } from '../../l1/connect.ts';
import type { Context } from '../../process/command.ts';
import { table } from '../../process/output.ts';
import { warnOfPlainHttp } from '../../prover/client.ts';
import type { COPY_SETTINGS } from '../settings.ts';
import { fetchCopy } from './fetch.ts';
import { readCopyToken } from './token.ts';

const MEGABYTE = 2 ** 20;
/** Megabytes between two lines of progress. */
const PROGRESS_EVERY = 256;

/** What is in a copy. */
interface Taken {
  readonly entries: number;
  readonly batch: number;
  readonly finalBatch: number;
}

/** What of a database L1 contradicts, if anything. */
export async function findContradiction(
  storage: Storage,
  reader: Pick<RollupReader, 'chainId' | 'contract' | 'headerHash'>,
): Promise<string | undefined> {
  const deployment = readDeployment(storage);
  const ours = `${reader.contract.toLowerCase()} on chain ${reader.chainId}`;
  const theirs = deployment && `${deployment.contract.toLowerCase()} on chain ${deployment.chainId}`;
  if (theirs !== ours) return `it is that of ${theirs ?? 'no rollup'}, not of ${ours}`;
  const last = storage.batches.lastFinal();
  const onL1 = last && (await reader.headerHash(last.number));
  if (last === undefined || onL1 === last.headerHash) return undefined;
  return `its final batch ${last.number} has header hash ${last.headerHash}, L1 has ${onL1 ?? 'none'}`;
}

/** Looks at the copy with nobody's word but L1's. */
async function check(storage: Storage, reader: RollupReader | undefined, note: (taken: Taken) => void) {
  note({
    entries: storage.log.head().sequence,
    batch: storage.batches.last()?.number ?? 0,
    finalBatch: storage.batches.lastFinal()?.number ?? 0,
  });
  const wrong = reader === undefined ? undefined : await findContradiction(storage, reader);
  return wrong ?? (await findDamage(storage, chooseCrypto(), false));
}

/** @throws RollupError COPY_INVALID, RPC_UNREACHABLE, CONFIG_INVALID when there is something in its place. */
export async function runCopy({ output, signal }: Context, values: Values<typeof COPY_SETTINGS>): Promise<void> {
  const { copyUrl: url, copyTokenFile, into, l1Url, chainId, contract } = values;
  const token = readCopyToken(copyTokenFile, output);
  warnOfPlainHttp([url], output, 'the port that gives copies');
  prepareNew(into);
  let told = 0;
  const onProgress = (done: number, total: number): void => {
    if (done < (told + PROGRESS_EVERY) * MEGABYTE) return;
    told += PROGRESS_EVERY;
    output.say(`${told} of ${Math.ceil(total / MEGABYTE)} MiB`);
  };
  const bytes = await fetchCopy({ url, token, path: partOf(into), signal, onProgress });
  let taken: Taken | undefined;
  const accept = (reader: RollupReader | undefined) =>
    acceptCopy(into, (storage) =>
      check(storage, reader, (found) => {
        taken = found;
      }),
    );
  const { chain } = await (l1Url === undefined || contract === undefined
    ? accept(undefined)
    : withL1({ url: l1Url, expected: chainId }, async (l1) => accept(await connectRollup(l1, contract))));
  const { entries, batch, finalBatch } = taken!;
  const result = { file: into, bytes, entries, batch, finalBatch, logHash: `0x${chain.toString('hex')}` };
  output.result(result, () =>
    table([
      ['copy', into],
      ['bytes', String(bytes)],
      ['log entries', String(entries)],
      ['last batch', `${batch}, final up to ${finalBatch}`],
      ['hash of the log', result.logHash],
    ]),
  );
}
