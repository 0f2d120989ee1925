/** Keys of a party that sign and check states. */

import { type ChannelContract, channelStateHash, recoverChannelSigner, signChannelState } from '@quittance/protocol';
import type { StateKeys } from '@quittance/sdk/channels';

export interface StateKeysOptions {
  readonly contract: ChannelContract;
  /** 32 bytes: the key of the party's L1 address. */
  readonly secretKey: Uint8Array;
  /** Unix seconds. */
  readonly now: () => number;
}

/** Keys over the fastest signatures there are here. */
export function createStateKeys({ contract, secretKey, now }: StateKeysOptions): StateKeys {
  return {
    hash: (vault, state) => channelStateHash(contract, vault, state),
    sign: (hash) => signChannelState(hash, secretKey),
    recover: recoverChannelSigner,
    now,
  };
}
