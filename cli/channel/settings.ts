/** What the commands about channels can be told. */

import * as parse from '../config/parse.ts';
import { named, optional, toggle, type Values, withDefault } from '../config/setting.ts';
import { ACCOUNT_SETTINGS, chainId, contract, l1Url } from '../config/settings.ts';

/** Wei: what showing an old state costs, many times what a challenge does. */
export const DEFAULT_BOND = 5n * 10n ** 16n;

export const DEPLOY_SETTINGS = {
  l1Url,
  chainId,
  contract,
  ...ACCOUNT_SETTINGS,
  bond: named(
    'channelBond',
    withDefault(
      '<wei>',
      parse.wei,
      DEFAULT_BOND,
      'what who closes a channel alone stakes, for good; the other party’s as soon as a state is shown that is newer by more than ' +
        'one version',
    ),
  ),
  plan: named(
    'channelPlan',
    toggle(parse.flag, 'say what would be sent and what it costs, and send nothing; needs no key'),
  ),
  record: named(
    'channelRecord',
    optional(
      '<folder>',
      parse.text,
      'record of the deployment; deployments/chain-<id>-channels on public chains if not given',
    ),
  ),
} as const;

export type DeployValues = Values<typeof DEPLOY_SETTINGS>;
