/** What a watcher can be told. */

import { WATCH_MODES } from '../../watcher/index.ts';
import { blobSource } from '../config/blob-places.ts';
import * as parse from '../config/parse.ts';
import { named, optional, toggle, withDefault } from '../config/setting.ts';
import { ACCOUNT_SETTINGS, chainId, contract, fromBlock, l1Url, logFormat, logLevel } from '../config/settings.ts';
import { UsageError } from '../process/errors.ts';

const GWEI = 10n ** 9n;
/** More than that many nodes confirm nothing more. */
const MAX_CHECKS = 8;
/** More than a day of blocks. */
const MAX_CONFIRMATIONS = 10_000;
const LOOPBACK = '127.0.0.1';

/** URLs separated by commas. Their text never stands in an error. */
function urls(text: string): readonly string[] {
  const list = text.split(',').filter((part) => part !== '');
  if (list.length > MAX_CHECKS) throw new UsageError(`expected at most ${MAX_CHECKS} URLs, got ${list.length}`);
  return list.map(parse.url);
}

/** Settings of all watch commands. */
export const LOOK_SETTINGS = {
  l1Url,
  chainId,
  contract,
  fromBlock,
  blobSource,
  database: named(
    'watcherDatabase',
    optional(
      '<file>',
      parse.text,
      'the watcher’s database, from which a restart resumes; required by every mode that acts',
    ),
  ),
} as const;

export const WATCH_SETTINGS = {
  ...LOOK_SETTINGS,
  mode: named(
    'watcherMode',
    withDefault(
      '<mode>',
      parse.choice(...WATCH_MODES),
      'observe',
      'what is done on L1: observe does nothing; challenge disputes lies; defend answers and collects for its own ' +
        'batches; resolve does for everybody what needs no bond',
    ),
  ),
  ...ACCOUNT_SETTINGS,
  once: toggle(parse.flag, 'look until everything is read, then end; exit code 6 when a waiting batch is wrong'),
  l1CheckUrl: {
    ...withDefault(
      '<urls>',
      urls,
      [] as readonly string[],
      'further L1 nodes, separated by commas: nothing is challenged unless they all agree',
    ),
    sensitive: true,
  },
  maxHeadAge: optional(
    '<duration>',
    parse.durationWithin(1, 86_400),
    'nothing is challenged while the newest L1 block is older than this; 5m, or any age on local chains, if not given',
  ),
  confirmations: withDefault(
    '<count>',
    parse.integer(1, MAX_CONFIRMATIONS),
    1,
    'blocks, that of the assertion included, after which a bond is staked on it; more on public chains',
  ),
  maxFeePerGas: withDefault('<wei>', parse.wei, 500n * GWEI, 'the most that is ever offered per gas'),
  l1PollMs: withDefault('<ms>', parse.integer(50, 600_000), 1_000, 'pause between two polls of L1'),
  webhookUrl: { ...optional('<url>', parse.url, 'alerts are posted here as JSON'), sensitive: true },
  metricsPort: optional(
    '<number>',
    parse.integer(0, 65_535),
    'port of /metrics, /livez and /readyz; 0 takes a free one; none if not given',
  ),
  host: withDefault('<address>', parse.text, LOOPBACK, 'address to listen on'),
  logLevel,
  logFormat,
} as const;

export const EARNINGS_SETTINGS = {
  l1Url,
  chainId,
  contract,
  fromBlock,
  account: named(
    'earningAccount',
    optional('<address>', parse.address, 'L1 account of a watcher or a producer; that of --keystore if not given'),
  ),
  ...ACCOUNT_SETTINGS,
} as const;

export const EXPLAIN_SETTINGS = {
  ...LOOK_SETTINGS,
  batch: optional('<number>', parse.integer(1, Number.MAX_SAFE_INTEGER), 'number of the batch'),
} as const;
