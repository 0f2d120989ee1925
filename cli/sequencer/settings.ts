/** What an operator can set. */

import { DEFAULT_SEAL_AFTER_MS } from '@quittance/protocol';
import { blobSource } from '../config/blob-places.ts';
import * as parse from '../config/parse.ts';
import { named, optional, orNone, required, toggle, type Values, withDefault } from '../config/setting.ts';
import {
  ACCOUNT_SETTINGS,
  chainId,
  contract,
  fromBlock,
  l1Url,
  logFormat,
  logLevel,
  prover,
  proverCommand,
  rollupKey,
  zkey,
} from '../config/settings.ts';
import { FLEET_SETTINGS } from './fleet-settings.ts';
import { LIMIT_SETTINGS } from './limits.ts';
import { NODE_SETTINGS } from './node-settings.ts';

/** Reached from this machine only, unless the operator says otherwise. */
const LOOPBACK = '127.0.0.1';
export const DEFAULT_PORT = 3_000;
/** One batch in a hundred: some percent of one core while batches are full. */
const DEFAULT_SHADOW = 0.01;
/** A day: timers of Node end at 24. */
const MAX_SEAL_AFTER_SECONDS = 86_400;
/** L1 takes a batch for a day, less what posting may take. */
const MAX_PATIENCE_SECONDS = 20 * 3_600;
const MAX_COUNT = 1_000_000;
/** More than a day of blocks. */
const MAX_CONFIRMATIONS = 10_000;
const MAX_MARGIN_PERCENT = 10_000;
const GWEI = 10n ** 9n;

const TOKEN_FILE =
  'file with the token for which copies of the database are given; only its owner should be able to read it';

export const SEQUENCER_SETTINGS = {
  l1Url,
  chainId,
  contract,
  fromBlock,
  ...ACCOUNT_SETTINGS,
  rollupKey,
  mode: named(
    'sequencerMode',
    withDefault(
      '<mode>',
      parse.choice('zk', 'optimistic', 'hybrid'),
      'zk',
      'how batches become final: zk proves them first; optimistic asserts them with a bond and waits for the challenge ' +
        'period; hybrid asserts at once and proves afterwards',
    ),
  ),
  data: named(
    'sequencerData',
    withDefault(
      '<where>',
      parse.choice('auto', 'calldata', 'blobs'),
      'auto',
      'where the records of batches go: auto takes what is cheaper at the time, if the rollup was deployed with blobs',
    ),
  ),
  maxChunks: optional(
    '<count>',
    parse.integer(1, 64),
    'most chunks of a batch, each of which needs a proof; as many as the profile allows if not given',
  ),
  resealRejected: toggle(
    parse.flag,
    'seal again what L1 rejected: once only, after the software is repaired or a defender is in place',
  ),
  defend: withDefault(
    '<where>',
    parse.choice('here', 'elsewhere'),
    'here',
    'who answers disputes of batches that are asserted: this process, or `quittance watch --mode defend` elsewhere',
  ),
  blobSource,
  shadow: withDefault(
    '<share>',
    parse.share,
    DEFAULT_SHADOW,
    'share of the batches, 0 to 1, that a second engine executes too; a difference stops the sequencer',
  ),
  database: required('<file>', parse.text, 'database; <file>.head beside it is the witness of its log'),
  host: withDefault('<address>', parse.text, LOOPBACK, 'address to listen on'),
  port: withDefault('<number>', parse.integer(0, 65_535), DEFAULT_PORT, 'port of the JSON-RPC; 0 takes a free one'),
  allowOrigin: withDefault(
    '<list>',
    parse.origins,
    ['*'],
    'origins whose pages may call, like https://wallet.example; * for all, empty for none but our own',
  ),
  metricsPort: optional(
    '<number>',
    parse.integer(0, 65_535),
    'port of /metrics; 6101 above --port if not given, 0 takes a free one, the same as --port puts it there',
  ),
  metricsHost: withDefault('<address>', parse.text, LOOPBACK, 'address on which /metrics listens at a port of its own'),
  ...LIMIT_SETTINGS,
  prover,
  proverCommand,
  zkey,
  ...FLEET_SETTINGS,
  feeTokens: withDefault(
    '<list>',
    parse.feeTokens,
    [{ tokenId: 0, minimumFee: 1_000n * GWEI }],
    'tokens with their minimum fee in base units, like 0:1000000000000,1:500; at most four',
  ),
  feeMargin: withDefault(
    '<percent>',
    parse.integer(0, MAX_MARGIN_PERCENT),
    20,
    'suggested fees are so much above what a transfer costs on L1 at its present prices',
  ),
  feeMax: withDefault(
    '<list>',
    parse.unitsByToken,
    [],
    'the highest fees that are suggested, in base units by token, like 0:50000000000000; no bound if not given',
  ),
  feeRates: withDefault(
    '<list>',
    parse.unitsByToken,
    [],
    'base units that are worth one ETH, by token, like 1:2500000000; without it the minimum fee is suggested',
  ),
  sealAfter: withDefault(
    '<duration>',
    parse.durationWithin(1, MAX_SEAL_AFTER_SECONDS),
    DEFAULT_SEAL_AFTER_MS / 1_000,
    'a batch is sealed this long after its first operation',
  ),
  confirmations: withDefault(
    '<count>',
    parse.integer(1, MAX_CONFIRMATIONS),
    1,
    'blocks, that of the event included, after which L1 counts; more on public chains',
  ),
  l1PollMs: withDefault('<ms>', parse.integer(50, 600_000), 1_000, 'pause between two polls of L1'),
  provingConcurrency: withDefault('<count>', parse.integer(1, 64), 1, 'chunks that are proven at once'),
  maxUnposted: optional(
    '<count>',
    parse.integer(1, MAX_COUNT),
    'accepted transfers that may wait for L1; 20 full batches, at most 24000, if not given',
  ),
  maxFeePerGas: withDefault('<wei>', parse.wei, 500n * GWEI, 'the most that is ever offered per gas'),
  maxFeePerBlobGas: withDefault('<wei>', parse.wei, 500n * GWEI, 'the most that is ever offered per gas of blobs'),
  patience: withDefault(
    '<duration>',
    parse.durationWithin(0, MAX_PATIENCE_SECONDS),
    0,
    'a batch waits at most this long while gas is dearer than below; requests that are due soon never wait',
  ),
  patientFeePerGas: withDefault('<wei>', parse.wei, 20n * GWEI, 'with --patience: gas is dear above this price'),
  patientFeePerBlobGas: withDefault(
    '<wei>',
    parse.wei,
    5n * GWEI,
    'with --patience: gas of blobs is dear above this price',
  ),
  copyPort: optional(
    '<number>',
    parse.integer(0, 65_535),
    'port where `quittance sequencer copy` gets a copy of the database, with --copy-token-file; none if not given',
  ),
  copyHost: withDefault('<address>', parse.text, LOOPBACK, 'address on which --copy-port listens'),
  copyTokenFile: optional('<file>', parse.text, TOKEN_FILE),
  ...NODE_SETTINGS,
  trustWithoutHead: toggle(
    parse.flag,
    'accept a database without its .head file: only after a deliberate restore from a backup without it',
  ),
  logLevel,
  logFormat,
} as const;

export const SALVAGE_SETTINGS = {
  database: SEQUENCER_SETTINGS.database,
  into: required('<file>', parse.text, 'new database, which must not exist; <file>.head beside it is its witness'),
  l1Url: orNone(l1Url),
  chainId,
  contract: orNone(contract),
} as const;

export const COPY_SETTINGS = {
  copyUrl: required('<url>', parse.url, 'the --copy-port of the sequencer; with TLS in front of it unless it is near'),
  copyTokenFile: required('<file>', parse.text, TOKEN_FILE),
  into: SALVAGE_SETTINGS.into,
  l1Url: orNone(l1Url),
  chainId,
  contract: orNone(contract),
} as const;

export const RECOVER_SETTINGS = {
  database: SEQUENCER_SETTINGS.database,
  l1Url,
  chainId,
  contract,
  fromBlock,
  blobSource,
  confirmations: SEQUENCER_SETTINGS.confirmations,
  leaveJournal: toggle(
    parse.flag,
    'go on although the database belongs to a journal: only when that is lost for good, on one node',
  ),
  trustWithoutHead: SEQUENCER_SETTINGS.trustWithoutHead,
} as const;

export type SequencerValues = Values<typeof SEQUENCER_SETTINGS>;
