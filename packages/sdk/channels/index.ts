/** Payment channels: joint keys of their accounts, and the two sides that change a state together. */

export {
  type ChannelLine,
  type ChannelStore,
  type ChannelWrite,
  createExchange,
  type Exchange,
  type ExchangeListener,
  type ExchangeOptions,
} from './exchange/index.ts';
export {
  type JointKey,
  type JointKeyMaking,
  type JointSigning,
  makeJointKey,
  type Party,
  signJointly,
} from './joint-key.ts';
export { decodeChannelMessage, decodeChannelRecord, encodeChannelJson } from './json.ts';
export {
  type ChannelMessage,
  type ChannelRecord,
  changeKey,
  type Proposal,
  type SignedState,
} from './record.ts';
export {
  type ChannelSide,
  CLOCKS_APART,
  createChannelSide,
  type Effects,
  MOST_ASKED,
  MOST_CHANGES,
  roleOf,
  type StateKeys,
} from './side/index.ts';
