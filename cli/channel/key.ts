/** The key of a party: states are signed with it many times a second, so it has to be in a file. */

import type { Wallet } from 'ethers';
import type { AccountValues } from '../l1/account.ts';
import { openKeystore } from '../l1/keystore.ts';
import { UsageError } from '../process/errors.ts';
import type { Output } from '../process/output.ts';

/** Where the key lies. @throws UsageError for an external signer, or none. */
export function keystoreOf({ keystore, signerUrl }: AccountValues): string {
  if (signerUrl !== undefined) {
    throw new UsageError(
      'channels need a key in a file: each payment is signed at once, and a signer elsewhere (--signer-url) is asked for no ' +
        'states. Give --keystore <file> of an account for channels only',
    );
  }
  if (keystore !== undefined) return keystore;
  throw new UsageError(
    'no account was named: give --keystore <file>, QUITTANCE_KEYSTORE or "keystore" in the config file; its key signs the ' +
      'states of your channels',
  );
}

/** Opens it. @throws UsageError as `keystoreOf` and `openKeystore`. */
export function openPartyKey(values: AccountValues, output: Output): Promise<Wallet> {
  return openKeystore({ keystore: keystoreOf(values), passwordFile: values.passwordFile }, output);
}
