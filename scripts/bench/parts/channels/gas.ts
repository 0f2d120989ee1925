/** What closing a channel alone costs on L1, on the real contracts. */

import { L1_DEFAULTS } from '@quittance/protocol';
import type { ContractTransactionResponse } from 'ethers';
import { secretOf } from '../../../../test/support/channels/secrets.ts';
import { BOND, deployChannels, htlcOf, stateOf } from '../../../../test/support/channels/world.ts';
import { deployRollup, latestTime } from '../../../../test/support/contracts/deployment.ts';

export interface GasResult {
  /** With one exit. */
  readonly lonelyClose: number;
  readonly challenge: number;
  /** An HTLC at the settlement: the mean of 64 that are paid. */
  readonly htlc: number;
}

const HTLCS = 64;
/** Longer than the period. */
const EXPIRY_SECONDS = 4_000;

const gasOf = async (sent: Promise<ContractTransactionResponse>): Promise<number> =>
  Number((await (await sent).wait())!.gasUsed);

/** Measures it. */
export async function measureGas(): Promise<GasResult> {
  const world = await deployRollup();
  const fee = L1_DEFAULTS.priorityFeeWei;
  await world.rollup.deposit(0, 1_000n, 1n, world.owner.address, { value: 1_000n + fee });
  const { channels, terms, sign, byA, byB, preimages, endPeriod } = await deployChannels(world);
  const state = stateOf({ claim: 5n });
  const lonelyClose = await gasOf(byA.close(terms, state, sign(state), [0], { value: BOND + fee }));
  const expiry = (await latestTime(world)) + EXPIRY_SECONDS;
  const secrets = Array.from({ length: HTLCS }, (_, position) => secretOf(`${position}`));
  const snapshot = await world.l1.networkHelpers.takeSnapshot();
  const next = stateOf({ version: 2 });
  const challenge = await gasOf(byB.challenge(terms, next, sign(next)));
  await endPeriod();
  const bare = await gasOf(channels.settle(terms, next));
  await snapshot.restore();
  const full = stateOf({ version: 2, htlcs: secrets.map(({ hash }) => htlcOf({ hash, expiry })) });
  await byB.challenge(terms, full, sign(full));
  for (const { secret } of secrets) await preimages.reveal(secret);
  await endPeriod();
  const htlc = Math.round(((await gasOf(channels.settle(terms, full))) - bare) / HTLCS);
  return { lonelyClose, challenge, htlc };
}
