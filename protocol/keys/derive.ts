/** A rollup key from an Ethereum wallet: sign one message, hash the signature. */

import { sha256 } from '@noble/hashes/sha2.js';
import { RollupError } from '../errors.ts';
import { createKeyPair, type KeyPair } from './eddsa.ts';

/**
 * The text that an Ethereum wallet signs (EIP-191 personal message). It names chain and contract, so that
 * the key of one deployment is worth nothing on another.
 */
export function keyDerivationMessage(chainId: bigint, contract: string): string {
  return [
    'Derive my rollup key.',
    '',
    'Only sign this on the site of a wallet you trust: whoever has this signature can spend your rollup balance.',
    '',
    `Chain id: ${chainId}`,
    `Contract: ${contract.toLowerCase()}`,
  ].join('\n');
}

const SIGNATURE_BYTES = 65;

/**
 * Key pair from the 65-byte signature of `keyDerivationMessage`. The recovery byte is left out: wallets encode it differently.
 *
 * @throws RollupError INVALID_KEY when the signature has another length.
 */
export function keyPairFromEthereumSignature(signature: Uint8Array): KeyPair {
  if (signature.length !== SIGNATURE_BYTES) {
    throw new RollupError(
      'INVALID_KEY',
      `an Ethereum signature has ${SIGNATURE_BYTES} bytes, got ${signature.length}`,
      {
        actual: signature.length,
        expected: SIGNATURE_BYTES,
      },
    );
  }
  return createKeyPair(sha256(signature.slice(0, 64)));
}
