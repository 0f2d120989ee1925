/** The wallet SDK: keys, signing, a client for the sequencer. Runs in a browser. */

export {
  createKeyPair,
  type KeyPair,
  keyDerivationMessage,
  keyPairFromEthereumSignature,
  publicKeyOf,
} from '@quittance/protocol';
export * from './client.ts';
export { type LocatedMove, type LocateMovesOptions, locateMoves, type MoveState } from './locate-moves.ts';
export * from './sign.ts';
