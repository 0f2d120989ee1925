/** Payment channels: what is signed, and who has what. */

export {
  applyChange,
  type ChangeTime,
  type ChannelChange,
  type ChannelFunds,
  type ChannelHop,
  type ChannelRole,
  MAX_HOPS,
  MAX_LOCK_SECONDS,
  nextState,
  RELEASE_REASON,
  secretHash,
  spendable,
} from './changes.ts';
export { type ChannelShares, channelShares, type IsPaid, settledClaim } from './shares.ts';
export {
  channelAddress,
  decodeStateSignature,
  encodeStateSignature,
  recoverChannelSigner,
  STATE_SIGNATURE_BYTES,
  type StateSignature,
  signChannelState,
  stateHashBytes,
} from './signature.ts';
export {
  type ChannelLogin,
  channelLoginHash,
  channelStateHash,
  channelVault,
  encodeChannelState,
} from './state-hash.ts';
export {
  type Address,
  CHANNEL_PERIOD,
  type ChannelContract,
  type ChannelState,
  type ChannelTerms,
  type Htlc,
  MAX_HTLCS,
  MAX_LOCK_AFTER_PERIOD,
} from './types.ts';
export { CHANNELS_PATH, isPartyUrl, MAX_PARTY_URL } from './url.ts';
