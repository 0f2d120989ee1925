/** What `quittance init` can be told; what it is not told it asks, where there is a terminal. */

import * as parse from '../config/parse.ts';
import { named, optional, orNone, toggle, type Values, withDefault } from '../config/setting.ts';
import { ACCOUNT_SETTINGS, chainId, contract, fromBlock, l1Url, rpcUrl } from '../config/settings.ts';

/** For whom a config file is. */
export const ROLES = ['wallet', 'sequencer', 'watcher'] as const;
export type Role = (typeof ROLES)[number];

export const INIT_SETTINGS = {
  role: named('initRole', optional('<role>', parse.choice(...ROLES), 'for whom the file is')),
  out: named('initFile', withDefault('<file>', parse.text, 'rollup.json', 'file to write')),
  force: named('initForce', toggle(parse.flag, 'write over a file that exists')),
  rpcUrl: orNone(rpcUrl),
  l1Url: orNone(l1Url),
  chainId,
  contract: orNone(contract),
  fromBlock: {
    ...orNone({ ...fromBlock, presence: { required: true } as const }),
    help: 'block of the deployment; found if not given',
  },
  ...ACCOUNT_SETTINGS,
  database: named(
    'initDatabase',
    optional('<file>', parse.text, 'database of the sequencer or the watcher; data/<role>.db if not given'),
  ),
} as const;

export type InitValues = Values<typeof INIT_SETTINGS>;
