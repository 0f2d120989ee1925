/** `quittance status`: one screen of everything: L1, the contract, what waits, the sequencer, an account. */

import { isRollupError, type RollupError } from '@quittance/protocol';
import { formatEther, formatUnits } from 'ethers';
import { addressOf, hasAccount } from '../l1/account.ts';
import { connectRollup, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { table } from '../process/output.ts';
import { type AccountOnL1, type OnL1, readAccount, readOnL1, type Waiting } from './on-l1.ts';
import { askSequencer, type SequencerSays } from './sequencer.ts';
import type { StatusValues } from './settings.ts';

/** An L1 whose latest block is older is not synced, or makes blocks only when something is sent. */
const STALE_SECONDS = 600;

/** ETH with six digits behind the point, which is what an operator looks at. */
const ether = (wei: bigint): string => `${formatEther(wei - (wei % 10n ** 12n))} ETH`;

function requestsText(waiting: number): string {
  if (waiting === 0) return 'all deposits and exits that were asked for are final';
  return waiting === 1 ? '1 deposit or exit is not final' : `${waiting} deposits and exits are not final`;
}

function waitingText(waiting: Waiting | null): string {
  if (waiting === null) return 'each batch needs its proofs: there is no optimistic mode';
  if (waiting.batches === null) return 'no batch waits';
  const [first, last] = waiting.batches;
  const range = first === last ? `batch ${first} waits` : `batches ${first} to ${last} wait`;
  return waiting.disputed.length === 0 ? `${range}, undisputed` : `${range}; disputed: ${waiting.disputed.join(', ')}`;
}

function wayOutText({ isExodusActive, isProducingOpen }: OnL1): string {
  if (isExodusActive) return 'THE EXODUS IS OPEN: no batch is taken any more; leave with `quittance wallet exodus`';
  return isProducingOpen ? 'requests are overdue: ANYBODY MAY PRODUCE' : 'closed: requests are executed in time';
}

function rowsOnL1(found: OnL1): string[][] {
  const age =
    found.ageSeconds > STALE_SECONDS
      ? `${found.ageSeconds} s old (STALE, if blocks come by themselves)`
      : `${found.ageSeconds} s old`;
  const data = found.blobsAllowed ? 'calldata or blobs' : 'calldata';
  const key = found.isDevelopmentKey ? 'INSECURE development key' : 'key of a ceremony';
  return [
    ['L1', `chain ${found.chainId}, block ${found.block}, ${age}, gas ${formatUnits(found.feePerGas, 'gwei')} gwei`],
    ['rollup', `${found.contract}, data in ${data}, ${key}`],
    ['owner', found.owner],
    ['final', `batch ${found.finalBatch}`],
    ['waiting', waitingText(found.waiting)],
    ['requests', requestsText(found.requestsWaiting)],
    ['exodus', wayOutText(found)],
  ];
}

function rowsOfSequencer(says: SequencerSays | RollupError | undefined): string[][] {
  if (says === undefined) return [];
  if (isRollupError(says)) return [['sequencer', `DOES NOT ANSWER: ${says.message}`]];
  const { host, version, mode, sealedBatch, postedBatch, finalBatch } = says;
  return [
    ['sequencer', `${host}, version ${version}, mode ${mode}${says.isForeign ? '; OF ANOTHER ROLLUP' : ''}`],
    ['batches', `${sealedBatch} sealed, ${postedBatch} posted, ${finalBatch} final`],
    ['transfers', `${says.openTransfers} in no batch yet, ${says.unpostedTransfers} not on L1`],
    ...(says.trouble === null ? [] : [['trouble', says.trouble]]),
    ...(says.halted === null ? [] : [['HALTED', says.halted]]),
  ];
}

const rowsOfAccount = (found: AccountOnL1 | undefined): string[][] =>
  found === undefined
    ? []
    : [['account', `${found.account}: ${ether(found.balance)}, ${ether(found.credit)} to collect`]];

/** Reads and prints it. @throws RollupError L1_UNREACHABLE; what a sequencer that was named fails with, after all else is shown. */
export async function runStatus({ output }: Context, values: StatusValues): Promise<void> {
  const { contract, rpcUrl } = values;
  const account = values.account ?? (hasAccount(values) ? await addressOf(values, output) : undefined);
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const reader = await connectRollup(l1, contract);
    const onL1 = await readOnL1(l1, reader, Date.now() / 1_000);
    const sequencer = rpcUrl === undefined ? undefined : await askSequencer(rpcUrl, { chainId: l1.chainId, contract });
    const found = account === undefined ? undefined : await readAccount(l1, contract, account);
    const isAway = isRollupError(sequencer);
    output.result({ l1: onL1, sequencer: isAway ? null : (sequencer ?? null), account: found ?? null }, () =>
      table([...rowsOnL1(onL1), ...rowsOfSequencer(sequencer), ...rowsOfAccount(found)]),
    );
    if (isAway) throw sequencer;
  });
}
