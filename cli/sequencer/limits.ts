/** What an operator can set of the limits of the JSON-RPC. docs/how-to/run-a-sequencer.md, Limits, says what each is for. */

import type { ApiSettings, SequencerSettings } from '../../sequencer/index.ts';
import * as parse from '../config/parse.ts';
import { type Values, withDefault } from '../config/setting.ts';

const MEGABYTE = 1 << 20;
const BODY_BYTES = { default: MEGABYTE, minimum: 1 << 10, maximum: 64 << 20 } as const;
const LARGE_BODY_BYTES = { default: 256 << 20, minimum: MEGABYTE, maximum: 2 ** 34 } as const;
/** One address may have this part of the large bodies. */
const ADDRESS_SHARE = 8;
/** The window of the budget of an address. */
const WINDOW_MS = 10_000;
const MAX_UNITS = 1_000_000_000;
const MAX_CONNECTIONS = 1_000_000;
const MAX_IDLE_SECONDS = 3_600;
const MAX_INTAKE = 1_000_000;
const MAX_GAP_SECONDS = 60;

export const LIMIT_SETTINGS = {
  bodyBytes: withDefault(
    '<bytes>',
    parse.integer(BODY_BYTES.minimum, BODY_BYTES.maximum),
    BODY_BYTES.default,
    'largest request that is read',
  ),
  largeBodyBytes: withDefault(
    '<bytes>',
    parse.integer(LARGE_BODY_BYTES.minimum, LARGE_BODY_BYTES.maximum),
    LARGE_BODY_BYTES.default,
    'most bytes of requests longer than 16384 that are on their way; one address has an eighth of them',
  ),
  trustedProxies: withDefault(
    '<list>',
    parse.networks,
    [],
    'addresses or networks of your proxies, like 10.0.0.0/8,192.0.2.7: the clients that they name are told apart',
  ),
  rateUnits: withDefault(
    '<units>',
    parse.integer(1, MAX_UNITS),
    200_000,
    'what one address may ask for in 10 seconds; a unit is about one transfer, docs/rpc.md lists the others',
  ),
  maxConnections: withDefault('<count>', parse.integer(1, MAX_CONNECTIONS), 10_000, 'most connections at a time'),
  maxConnectionsPerAddress: withDefault(
    '<count>',
    parse.integer(1, MAX_CONNECTIONS),
    2_000,
    'most connections of one address',
  ),
  idleTimeout: withDefault(
    '<duration>',
    parse.durationWithin(1, MAX_IDLE_SECONDS),
    60,
    'a connection on which nothing is sent for so long is closed',
  ),
  maxIntake: withDefault(
    '<count>',
    parse.integer(1, MAX_INTAKE),
    10_000,
    'transfers that may wait to be checked; beyond it those of whoever has the most are refused',
  ),
  gapWait: withDefault(
    '<duration>',
    parse.durationWithin(0, MAX_GAP_SECONDS),
    2,
    'how long a transfer waits for those with the nonces before its own',
  ),
  maxGapsPerAccount: withDefault(
    '<count>',
    parse.integer(1, MAX_INTAKE),
    64,
    'most transfers of one account that wait so',
  ),
  maxGaps: withDefault('<count>', parse.integer(1, MAX_INTAKE), 4_096, 'most transfers of all accounts that wait so'),
} as const;

/** How transfers wait for those before them. */
export function gapLimitsOf(values: Values<typeof LIMIT_SETTINGS>): NonNullable<SequencerSettings['gaps']> {
  return { waitMs: values.gapWait * 1_000, perAccount: values.maxGapsPerAccount, total: values.maxGaps };
}

/** The settings of the server. */
export function apiSettingsOf(values: Values<typeof LIMIT_SETTINGS>): ApiSettings {
  return {
    bodyBytes: values.bodyBytes,
    largeBodies: { totalBytes: values.largeBodyBytes, addressBytes: Math.floor(values.largeBodyBytes / ADDRESS_SHARE) },
    trustedProxies: values.trustedProxies,
    allowance: { max: values.rateUnits, windowMs: WINDOW_MS },
    connections: values.maxConnections,
    connectionsPerAddress: values.maxConnectionsPerAddress,
    idleMs: values.idleTimeout * 1_000,
  };
}
