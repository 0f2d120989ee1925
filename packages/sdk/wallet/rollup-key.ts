/** The key that signs transfers: a secret of its own, or derived from one signature of the L1 account. */

import {
  createKeyPair,
  isSameAddress,
  type KeyPair,
  keyDerivationMessage,
  keyPairFromEthereumSignature,
  RollupError,
} from '@quittance/protocol';
import { getBytes, verifyMessage } from 'ethers';
import type { WalletSigner } from './types.ts';

const SECRET_PATTERN = /^0x[0-9a-fA-F]{64}$/;

/** Code of an account that delegates to a contract and still signs with its own key. Source: EIP-7702. */
const DELEGATION_PREFIX = '0xef0100';

/** The deployment that a key is for. */
interface Deployment {
  readonly chainId: bigint;
  readonly contract: string;
}

/** The bytes of a 32-byte secret. @throws RollupError INVALID_KEY, without any of it. */
export function secretBytes(name: string, secret: string): Uint8Array {
  if (SECRET_PATTERN.test(secret)) return getBytes(secret);
  throw new RollupError('INVALID_KEY', `${name} is no secret: expected 0x and 64 hexadecimal digits`, { name });
}

function contractAccount(account: string): RollupError<'CONTRACT_ACCOUNT'> {
  const message = `${account} is a contract: no key follows from its signatures. Give a rollupSecret, and keep a backup of it`;
  return new RollupError('CONTRACT_ACCOUNT', message, { account });
}

/** @throws RollupError CONTRACT_ACCOUNT when a contract stands at this address. */
export function requirePlainAccount(account: string, code: string): void {
  if (code === '0x' || code.toLowerCase().startsWith(DELEGATION_PREFIX)) return;
  throw contractAccount(account);
}

/** Whether the signature is one of the account's own key, whose signatures of one text are always the same. */
function isOwnSignature(message: string, signature: string, account: string): boolean {
  try {
    return isSameAddress(verifyMessage(message, signature), account);
  } catch {
    return false;
  }
}

/**
 * The rollup key that follows from one signature of an L1 account, which names chain and contract.
 *
 * @throws RollupError CONTRACT_ACCOUNT when something else than the account's key signed: its signature may be another one the
 * next time, and what it led to could not be found again. SIGNER_REFUSED.
 * @example const { publicKey } = await deriveRollupKey(await toSigner(signer), { chainId: 1n, contract: '0x…' });
 */
export async function deriveRollupKey(signer: WalletSigner, { chainId, contract }: Deployment): Promise<KeyPair> {
  const message = keyDerivationMessage(chainId, contract);
  const signature = await signer.signMessage(message);
  if (!isOwnSignature(message, signature, signer.address)) throw contractAccount(signer.address);
  return keyPairFromEthereumSignature(getBytes(signature));
}

/** The key of a secret. @throws RollupError INVALID_KEY. */
export function keyPairOfSecret(secret: string): KeyPair {
  return createKeyPair(secretBytes('rollupSecret', secret));
}
