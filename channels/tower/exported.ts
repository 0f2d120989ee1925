/** Files of channels that a party gives to whoever watches for it. */

import { type ChannelContract, isSameAddress, RollupError } from '@quittance/protocol';
import { decodeChannelExport } from '@quittance/sdk/channels';
import type { WatchedState } from './types.ts';

/**
 * The states in such a text. Signatures are looked at by whoever uses them.
 *
 * @throws RollupError CONFIG_INVALID when it is none, DATABASE_FOREIGN when it is of another contract.
 */
export function decodeStates(file: string, text: string, ours: ChannelContract): readonly WatchedState[] {
  return decodeChannelExport(text).map(({ contract, ...shown }) => {
    if (contract === undefined) return shown;
    if (contract.chainId === ours.chainId && isSameAddress(contract.channels, ours.channels)) return shown;
    const expected = `${ours.chainId}:${ours.channels}`;
    const actual = `${contract.chainId}:${contract.channels}`;
    const message = `it has channels of ${actual}, not of ${expected}`;
    throw new RollupError('DATABASE_FOREIGN', message, { file, expected, actual });
  });
}
