/** What `quittance status` can be told. */

import * as parse from '../config/parse.ts';
import { named, optional, orNone, type Values } from '../config/setting.ts';
import { ACCOUNT_SETTINGS, chainId, contract, l1Url, rpcUrl } from '../config/settings.ts';

export const STATUS_SETTINGS = {
  l1Url,
  chainId,
  contract,
  rpcUrl: orNone(rpcUrl),
  account: named(
    'statusAccount',
    optional('<address>', parse.address, 'L1 account of a producer or a watcher; that of --keystore if not given'),
  ),
  ...ACCOUNT_SETTINGS,
} as const;

export type StatusValues = Values<typeof STATUS_SETTINGS>;
