/** Settings of the commands of the owner. */

import * as parse from '../config/parse.ts';
import { toggle, type Values, withDefault } from '../config/setting.ts';
import { ACCOUNT_SETTINGS, chainId, contract, l1Url } from '../config/settings.ts';

export const OWNER_SETTINGS = {
  l1Url,
  chainId,
  contract,
  ...ACCOUNT_SETTINGS,
  change: withDefault(
    '<number>',
    parse.integer(0, Number.MAX_SAFE_INTEGER),
    0,
    'a new number, to make the same change once more',
  ),
  print: toggle(parse.flag, 'send nothing: print the call that is next, for a multisig or a signer elsewhere'),
  safe: toggle(parse.flag, 'send nothing: print that call as a file for the Transaction Builder of Safe'),
} as const;

export type OwnerValues = Values<typeof OWNER_SETTINGS>;
