/** What a hub can be told. */

import { PARTY_SETTINGS, partyUrl } from '../channel/party-settings.ts';
import * as parse from '../config/parse.ts';
import { named, optional, type Parse, required, type Values, withDefault } from '../config/setting.ts';
import { logFormat, logLevel } from '../config/settings.ts';
import { UsageError } from '../process/errors.ts';
import { LIMIT_SETTINGS } from '../sequencer/limits.ts';

const LOOPBACK = '127.0.0.1';
const DEFAULT_HUB_PORT = 9_735;
const HOUR = 3_600;
const DAY = 24 * HOUR;
const ETHER = 10n ** 18n;
const MAX_PPM = 1_000_000;

/** What is taken in one token, in base units. */
export interface TakenToken {
  readonly tokenId: number;
  readonly least: bigint;
  readonly most: bigint;
  readonly mostInbound: bigint;
}

/** "0:1000:5000:2000,1:…" → tokens with the least and the most that others pay in, and the most that we pay in. */
const takenTokens: Parse<readonly TakenToken[]> = (value) => {
  const tokens = value.split(',').map((part) => {
    const [, id, ...amounts] = /^(\d{1,10}):(\d{1,38}):(\d{1,38}):(\d{1,38})$/.exec(part) ?? [];
    const [least, most, mostInbound] = amounts.map(BigInt) as [bigint, bigint, bigint];
    if (id === undefined || Number(id) >= 2 ** 32 || least > most || most === 0n) {
      throw new UsageError(
        `expected tokenId:least:most:inbound in base units, the least no more than the most, like 0:1000:5000:2000, got "${part}"`,
      );
    }
    return { tokenId: Number(id), least, most, mostInbound };
  });
  if (new Set(tokens.map(({ tokenId }) => tokenId)).size === tokens.length && tokens.length <= 256) return tokens;
  throw new UsageError(`expected up to 256 tokens, each once, got "${value}"`);
};

export const HUB_SETTINGS = {
  ...PARTY_SETTINGS,
  store: named(
    'hubStore',
    required('<file>', parse.text, 'where its channels are kept: states that both signed are money; back it up'),
  ),
  host: withDefault('<address>', parse.text, LOOPBACK, 'address to listen on'),
  port: named(
    'hubPort',
    withDefault('<number>', parse.integer(0, 65_535), DEFAULT_HUB_PORT, 'port for other parties; 0 takes a free one'),
  ),
  trustedProxies: LIMIT_SETTINGS.trustedProxies,
  advertiseUrl: named(
    'hubAdvertiseUrl',
    optional(
      '<url>',
      partyUrl,
      'where others reach it, like wss://hub.example: what it tells them, and what invoices name',
    ),
  ),
  tokens: named(
    'hubTokens',
    withDefault(
      '<list>',
      takenTokens,
      [{ tokenId: 0, least: ETHER / 1_000n, most: 10n * ETHER, mostInbound: 0n }],
      'tokens as id:least:most:inbound in base units: what others pay into a channel, and the most that the hub pays in with ' +
        'one party, never more than that party did',
    ),
  ),
  leastPeriod: named(
    'hubLeastPeriod',
    withDefault('<duration>', parse.durationWithin(60, 365 * DAY), HOUR, 'shortest challenge period that is taken'),
  ),
  mostPeriod: named(
    'hubMostPeriod',
    withDefault('<duration>', parse.durationWithin(60, 365 * DAY), 7 * DAY, 'longest challenge period that is taken'),
  ),
  mostChannels: named(
    'hubMostChannels',
    withDefault('<count>', parse.integer(1, 1_000), 4, 'channels with one party, at most'),
  ),
  feeBase: named(
    'hubFeeBase',
    withDefault('<units>', parse.baseUnits, 0n, 'what it keeps of each payment that it passes on, in base units'),
  ),
  feePpm: named(
    'hubFeePpm',
    withDefault('<count>', parse.integer(0, MAX_PPM), 1_000, 'on top, of each million of what it passes on'),
  ),
  expiryDelta: named(
    'hubExpiryDelta',
    withDefault(
      '<duration>',
      parse.durationWithin(HOUR / 2 + 1, DAY),
      HOUR,
      'by how much earlier an HTLC expires where it is passed on: time to show a secret on L1',
    ),
  ),
  metricsPort: named(
    'hubMetricsPort',
    optional(
      '<number>',
      parse.integer(0, 65_535),
      'port of /metrics, /livez and /readyz; 0 takes a free one; none if not given',
    ),
  ),
  metricsHost: named(
    'hubMetricsHost',
    withDefault('<address>', parse.text, LOOPBACK, 'address on which /metrics listens'),
  ),
  logLevel,
  logFormat,
} as const;

export type HubValues = Values<typeof HUB_SETTINGS>;
