/** The L1 account of a command: an encrypted Ethereum keystore, or a file with the bare key. */

import { getAddress, isAddress, Wallet } from 'ethers';
import { UsageError } from '../process/errors.ts';
import type { Output } from '../process/output.ts';
import { readPassword, readSecretFile } from './secrets.ts';

export interface KeystoreSettings {
  readonly keystore: string;
  readonly passwordFile: string | undefined;
}

const HEX_KEY = /^(0x)?[0-9a-fA-F]{64}$/;

/**
 * Opens the keystore. Nothing of its content is ever part of an error.
 *
 * @throws UsageError when it is no keystore and no key, or the password is wrong.
 */
export async function openKeystore({ keystore, passwordFile }: KeystoreSettings, output: Output): Promise<Wallet> {
  const content = readSecretFile('the keystore', keystore, output).trim();
  if (HEX_KEY.test(content)) return walletOf(content, keystore);
  if (!content.startsWith('{')) {
    throw new UsageError(`${keystore} is neither an Ethereum keystore (JSON) nor a key of 64 hexadecimal digits`);
  }
  const password = await readPassword(passwordFile, keystore, output);
  let privateKey: string;
  try {
    ({ privateKey } = await Wallet.fromEncryptedJson(content, password));
  } catch (error) {
    const isWrong = /password/i.test(String((error as { shortMessage?: string }).shortMessage ?? ''));
    throw new UsageError(
      isWrong ? `the password does not open ${keystore}` : `${keystore} is not an Ethereum keystore (version 3)`,
    );
  }
  return new Wallet(privateKey);
}

/**
 * The address of a keystore, for who only looks: where the file says it, nobody is asked for the password.
 *
 * @throws UsageError as `openKeystore`.
 */
export async function addressOfKeystore(settings: KeystoreSettings, output: Output): Promise<string> {
  const content = readSecretFile('the keystore', settings.keystore, output).trim();
  return addressIn(content) ?? (await openKeystore(settings, output)).address;
}

/** What an Ethereum keystore says of itself, if it does: it need not. */
function addressIn(content: string): string | undefined {
  try {
    const { address } = JSON.parse(content) as { readonly address?: unknown };
    return isAddress(address) ? getAddress(address) : undefined;
  } catch {
    return undefined; // a bare key, or nothing at all
  }
}

function walletOf(hex: string, file: string): Wallet {
  try {
    return new Wallet(hex.startsWith('0x') ? hex : `0x${hex}`);
  } catch {
    throw new UsageError(`${file} holds no usable key: it is 0 or not below the order of the curve`);
  }
}
