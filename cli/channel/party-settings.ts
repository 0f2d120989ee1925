/** What every command of a party with channels is told, and the forms of what only they take. */

import { CHANNELS_PATH, isPartyUrl } from '@quittance/protocol';
import * as parse from '../config/parse.ts';
import { named, optional, type Parse, required, type Values, withDefault } from '../config/setting.ts';
import {
  ACCOUNT_SETTINGS,
  chainId,
  channels,
  contract,
  fromBlock,
  l1Url,
  rollupKey,
  rpcUrl,
} from '../config/settings.ts';
import { UsageError } from '../process/errors.ts';

/** More than a day of blocks. */
const MAX_CONFIRMATIONS = 10_000;

/** The URL of a party: ws:// or wss://; without a path it is the usual one. */
export const partyUrl: Parse<string> = (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const text = url?.pathname === '/' ? `${url.protocol}//${url.host}${CHANNELS_PATH}` : value;
  if (url !== undefined && url.username === '' && isPartyUrl(text)) return text;
  throw new UsageError(`expected the URL of a party like wss://hub.example or ws://127.0.0.1:9735, got "${value}"`);
};

/** The address of a vault, in lower case. */
export const vaultAddress: Parse<string> = (value) => {
  if (/^0x[0-9a-fA-F]{40}$/.test(value)) return value.toLowerCase();
  throw new UsageError(
    `expected the vault of a channel (0x and 40 hexadecimal digits; channel list has it), got "${value}"`,
  );
};

/** L1, the rollup, its channels, and who we are in them. */
export const PARTY_SETTINGS = {
  l1Url,
  chainId,
  contract,
  fromBlock,
  channels,
  rpcUrl,
  ...ACCOUNT_SETTINGS,
  rollupKey,
  confirmations: named(
    'channelConfirmations',
    optional(
      '<count>',
      parse.integer(0, MAX_CONFIRMATIONS),
      'blocks on top of one after which what it says of secrets is believed; if not given, 12, and 1 on a local chain',
    ),
  ),
} as const;

/** The same with the store of a wallet. */
export const WALLET_PARTY_SETTINGS = {
  ...PARTY_SETTINGS,
  store: named(
    'channelStore',
    required(
      '<file>',
      parse.text,
      'where your channels are kept: states that both signed are money; one process at a time has it',
    ),
  ),
} as const;

export type PartyValues = Values<typeof PARTY_SETTINGS> & { readonly store: string };

/** How long others are waited for, in seconds. */
export const within = (seconds: number, help: string) =>
  withDefault('<duration>', parse.durationWithin(1, 30 * 86_400), seconds, help);
