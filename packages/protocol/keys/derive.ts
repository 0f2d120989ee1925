/** A rollup key from an Ethereum wallet: sign one message, hash the signature. */

import { sha256 } from '@noble/hashes/sha2.js';
import { requireAddress } from '../address.ts';
import { RollupError } from '../errors/index.ts';
import { createKeyPair, type KeyPair } from './eddsa.ts';

/**
 * The text that an Ethereum wallet signs (EIP-191 personal message). It names chain and contract, so that
 * the key of one deployment is worth nothing on another.
 *
 * @throws RollupError INVALID_ADDRESS unless `contract` is an address, OUT_OF_RANGE for a chain id below 1: a key derived
 * from a mistyped deployment would be found by nobody again.
 */
export function keyDerivationMessage(chainId: bigint, contract: string): string {
  if (chainId < 1n) throw new RollupError('OUT_OF_RANGE', `chain id ${chainId} is below 1`, { actual: chainId });
  return [
    'Derive my rollup key.',
    '',
    'Only sign this on the site of a wallet you trust: whoever has this signature can spend your rollup balance.',
    '',
    `Chain id: ${chainId}`,
    `Contract: ${requireAddress('contract', contract)}`,
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
