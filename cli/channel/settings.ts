/** What the commands about channels can be told. */

import * as parse from '../config/parse.ts';
import { named, optional, orNone, toggle, type Values, withDefault } from '../config/setting.ts';
import {
  ACCOUNT_SETTINGS,
  chainId,
  channels,
  contract,
  fromBlock,
  l1Url,
  logFormat,
  logLevel,
  rpcUrl,
} from '../config/settings.ts';
import { WATCH_SETTINGS as WATCHER_SETTINGS } from '../watch/settings.ts';

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

/** Pause between two looks at L1. */
const POLL_MS = 5_000;
/** Half of what a party leaves itself to show a secret. */
const REVEAL_BEFORE_SECONDS = 900;
const DAY_SECONDS = 86_400;

const { maxFeePerGas, webhookUrl, metricsPort, host } = WATCHER_SETTINGS;

export const WATCH_SETTINGS = {
  l1Url,
  chainId,
  channels,
  contract: orNone(contract),
  fromBlock,
  store: named(
    'channelStore',
    optional('<file>', parse.text, 'your own store of channels, also while another process has it'),
  ),
  states: named(
    'channelStates',
    optional(
      '<path>',
      parse.text,
      'file of channels, or a folder with such files, as channel list --export writes them',
    ),
  ),
  ...ACCOUNT_SETTINGS,
  mode: named(
    'towerMode',
    withDefault(
      '<mode>',
      parse.choice('party', 'guard'),
      'party',
      'what is sent: party does all that a channel needs until its party is paid; guard shows newer states and secrets and ' +
        'nothing else, for who watches for others',
    ),
  ),
  rpcUrl: orNone({
    ...rpcUrl,
    help: 'JSON-RPC of the sequencer: accounts of your channels that still have money are looked up there, and their exit is requested',
  }),
  receiver: named(
    'payoutReceiver',
    optional('<address>', parse.address, 'where your payouts and bonds go; the account itself if not given'),
  ),
  once: named('towerOnce', toggle(parse.flag, 'look, do what can be done now, and end')),
  revealBefore: named(
    'towerRevealBefore',
    withDefault(
      '<duration>',
      parse.durationWithin(60, DAY_SECONDS),
      REVEAL_BEFORE_SECONDS,
      'an HTLC that ends within this has its secret shown on L1 although nobody closes',
    ),
  ),
  maxHeadAge: named(
    'towerMaxHeadAge',
    optional(
      '<duration>',
      parse.durationWithin(1, DAY_SECONDS),
      'an alert tells when the newest L1 block is older than this; 5m, or never on local chains, if not given',
    ),
  ),
  maxFeePerGas,
  l1PollMs: named('towerPollMs', withDefault('<ms>', parse.integer(50, 600_000), POLL_MS, 'pause between two looks')),
  webhookUrl,
  metricsPort,
  host,
  logLevel,
  logFormat,
} as const;

export type WatchValues = Values<typeof WATCH_SETTINGS>;

export type DeployValues = Values<typeof DEPLOY_SETTINGS>;
