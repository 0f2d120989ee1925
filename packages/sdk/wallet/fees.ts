/** What a transfer costs, and whether that is in proportion. */

import { RollupError } from '@quittance/protocol';
import type { SequencerClient } from '../client.ts';
import { roundFee } from './amounts.ts';

/** A proposed fee may be at most a tenth of the amount; a higher one must be named by who pays it. */
const FEE_SHARE = 10n;

/** What the sequencer suggests for a token, rounded up to what a record can state. @throws as the client's `call`. */
export async function suggestedFee(client: Pick<SequencerClient, 'call'>, tokenId: number): Promise<bigint> {
  const { suggestedFee: fee } = await client.call('rollup_estimateFee', { tokenId });
  return roundFee(BigInt(fee));
}

/**
 * A suggested fee, if it is in proportion to what is paid.
 *
 * @param who takes it, with a verb.
 * @throws RollupError FEE_DISPROPORTIONATE when it is more than a tenth of the amount.
 */
export function requireProportion(fee: bigint, amount: bigint, who = 'the sequencer asks for'): bigint {
  if (fee * FEE_SHARE <= amount) return fee;
  const message = `${who} a fee of ${fee}, more than a tenth of ${amount}: if that is what you want, name it`;
  throw new RollupError('FEE_DISPROPORTIONATE', message, { fee, amount });
}
