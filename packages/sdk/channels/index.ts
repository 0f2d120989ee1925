/** Payment channels: joint keys of their accounts, and the two sides that change a state together. */

export {
  type JointKey,
  type JointKeyMaking,
  type JointSigning,
  makeJointKey,
  type Party,
  signJointly,
} from './joint-key.ts';
export {
  type ChannelMessage,
  type ChannelRecord,
  changeKey,
  type Proposal,
  type SignedState,
} from './record.ts';
export {
  type ChannelSide,
  createChannelSide,
  type Effects,
  MOST_ASKED,
  MOST_CHANGES,
  roleOf,
  type StateKeys,
} from './side/index.ts';
