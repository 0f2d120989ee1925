/** Keys of a party that sign and check states. */

import {
  type ChannelContract,
  channelAddress,
  channelStateHash,
  RollupError,
  recoverChannelSigner,
  signChannelState,
} from '@quittance/protocol';
import type { StateKeys } from '@quittance/sdk/channels';
import { hashState, isNativeAvailable, recoverStateSigner, signStateHash } from '../native/index.ts';

export interface StateKeysOptions {
  readonly contract: ChannelContract;
  /** 32 bytes: the key of the party's L1 address. Copied, and kept as long as the keys are. */
  readonly secretKey: Uint8Array;
  /** Unix seconds. */
  readonly now: () => number;
}

/** A copy of a key that signs. What a library says of one that does not is not passed on: it may name the key. */
function usableCopy(secretKey: Uint8Array): Uint8Array {
  try {
    channelAddress(secretKey);
    return Uint8Array.from(secretKey);
  } catch {
    const message = 'the secret key of a channel has not 32 bytes, is 0, or is not below the order of secp256k1';
    throw new RollupError('OUT_OF_RANGE', message, { name: 'secretKey' });
  }
}

/**
 * Keys over the fastest signatures there are here: the addon's, or else the portable ones, which sign and refuse the same. The
 * secret is in no error, and not where printing the keys would show it.
 *
 * @throws RollupError OUT_OF_RANGE for a secret that is no key.
 */
export function createStateKeys({ contract, secretKey, now }: StateKeysOptions): StateKeys {
  const secret = usableCopy(secretKey);
  if (isNativeAvailable()) {
    return {
      hash: (vault, state) => hashState(contract, vault, state),
      sign: (hash) => signStateHash(hash, secret),
      recover: recoverStateSigner,
      now,
    };
  }
  return {
    hash: (vault, state) => channelStateHash(contract, vault, state),
    sign: (hash) => signChannelState(hash, secret),
    recover: recoverChannelSigner,
    now,
  };
}
