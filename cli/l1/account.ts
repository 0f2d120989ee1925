/** The L1 account of a command: a key in a file, or one that an external signer has. */

import type { Signer } from 'ethers';
import type { Values } from '../config/setting.ts';
import type { ACCOUNT_SETTINGS } from '../config/settings.ts';
import { UsageError } from '../process/errors.ts';
import type { Output } from '../process/output.ts';
import { openExternalSigner } from './external-signer.ts';
import { addressOfKeystore, openKeystore } from './keystore.ts';

/** A signer of ethers whose address is known. */
export type L1Account = Signer & { readonly address: string };

/** What says whose transactions are sent. */
export type AccountValues = Values<typeof ACCOUNT_SETTINGS>;

/** Whether an account was named at all. */
export function hasAccount({ keystore, signerUrl }: AccountValues): boolean {
  return keystore !== undefined || signerUrl !== undefined;
}

/** Where the key of the account is. @throws UsageError when that is nowhere, or at two places. */
function placeOf({ keystore, passwordFile, signerUrl, signerAccount }: AccountValues) {
  if (keystore !== undefined && signerUrl !== undefined) {
    throw new UsageError('give either --keystore or --signer-url: each names an account of its own');
  }
  if (signerUrl !== undefined) return { signerUrl, signerAccount };
  if (keystore !== undefined) return { keystore, passwordFile };
  throw new UsageError(
    'no L1 account was named: give --keystore <file>, QUITTANCE_KEYSTORE or "keystore" in the config file; or --signer-url ' +
      '<url> of a signer that has the key',
  );
}

/**
 * Opens the account.
 *
 * @throws UsageError without one, with two, or as `openKeystore`; RollupError as `openExternalSigner`.
 */
export async function openAccount(values: AccountValues, output: Output): Promise<L1Account> {
  const place = placeOf(values);
  if ('signerUrl' in place) return openExternalSigner(place.signerUrl, place.signerAccount);
  return openKeystore(place, output);
}

/** The address of the account, for who signs nothing. @throws as `openAccount`. */
export async function addressOf(values: AccountValues, output: Output): Promise<string> {
  const place = placeOf(values);
  if ('signerUrl' in place) return (await openExternalSigner(place.signerUrl, place.signerAccount)).address;
  return addressOfKeystore(place, output);
}
