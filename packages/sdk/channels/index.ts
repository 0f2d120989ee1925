/** Keys of two parties for the accounts of payment channels. */

export {
  type JointKey,
  type JointKeyMaking,
  type JointSigning,
  makeJointKey,
  type Party,
  signJointly,
} from './joint-key.ts';
