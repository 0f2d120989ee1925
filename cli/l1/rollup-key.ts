/** The key that signs transfers: from a file, or derived from the L1 account so that one backup serves both. */

import { createKeyPair, type KeyPair, keyDerivationMessage, keyPairFromEthereumSignature } from '@quittance/sdk';
import { getBytes } from 'ethers';
import { UsageError } from '../process/errors.ts';
import type { Output } from '../process/output.ts';
import type { L1Account } from './account.ts';
import { readSecretFile } from './secrets.ts';

const HEX_SECRET = /^(0x)?([0-9a-fA-F]{64})$/;

/** The secret in a file of 64 hexadecimal digits, as 0x hexadecimal. @throws UsageError without any of its content. */
export function readRollupSecret(path: string, output: Output): string {
  const digits = HEX_SECRET.exec(readSecretFile('the rollup key', path, output).trim())?.[2];
  if (digits === undefined) throw new UsageError(`${path} holds no rollup key: expected 64 hexadecimal digits`);
  return `0x${digits}`;
}

/**
 * The rollup key of an account on one deployment.
 *
 * @param file a key that is independent of the L1 account; without it the key follows from the account's signature.
 */
export async function openRollupKey(
  file: string | undefined,
  wallet: L1Account,
  deployment: { readonly chainId: bigint; readonly contract: string },
  output: Output,
): Promise<KeyPair> {
  if (file !== undefined) return createKeyPair(getBytes(readRollupSecret(file, output)));
  const signature = await wallet.signMessage(keyDerivationMessage(deployment.chainId, deployment.contract));
  return keyPairFromEthereumSignature(getBytes(signature));
}
