/** What the commands of a wallet with channels can be told. */

import * as parse from '../config/parse.ts';
import { named, optional, required, toggle, withDefault } from '../config/setting.ts';
import { amountText, baseUnits, token } from '../wallet/tokens.ts';
import { partyUrl, vaultAddress, WALLET_PARTY_SETTINGS, within } from './party-settings.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** Money is final with a batch on L1, and that can take as long as its challenge period. */
const OPEN_SECONDS = DAY;
const CLOSE_SECONDS = DAY;
/** A receipt comes in moments, or when an HTLC has expired. */
const PAY_SECONDS = 60;

export const OPEN_SETTINGS = {
  ...WALLET_PARTY_SETTINGS,
  hub: required('<url>', partyUrl, 'where the hub is: what `quittance hub` prints, like wss://hub.example'),
  token,
  amount: required('<amount>', amountText, 'how much you pay in, in units of the token'),
  inbound: named(
    'channelInbound',
    optional(
      '<amount>',
      amountText,
      'how much the hub is to pay in, so that you can be paid; not more than you pay in',
    ),
  ),
  baseUnits,
  period: named(
    'channelPeriod',
    withDefault(
      '<duration>',
      parse.durationWithin(60, 365 * DAY),
      DAY,
      'after a close alone, how long the other party can show a newer state',
    ),
  ),
  count: named(
    'channelCount',
    withDefault(
      '<number>',
      parse.integer(1, 100),
      1,
      'how many channels you want with this hub in this token, and with --inbound as many of its money',
    ),
  ),
  timeout: named('channelOpenTimeout', within(OPEN_SECONDS, 'how long to wait until it is final')),
} as const;

const invoice = optional('<text>', parse.text, 'an invoice, in quotes: it has & in it');

export const INVOICE_SETTINGS = {
  ...WALLET_PARTY_SETTINGS,
  token,
  amount: optional('<amount>', amountText, 'how much, in units of the token; a new invoice needs it'),
  invoice,
  baseUnits,
  memo: withDefault('<text>', parse.text, '', 'what it is for: up to 140 bytes, which the payer sees'),
  expires: withDefault('<duration>', parse.durationWithin(60, 30 * DAY), HOUR, 'how long it can be paid'),
  wait: named('invoiceWait', toggle(parse.flag, 'stay online until it is paid: nobody can be paid offline')),
} as const;

export const PAY_SETTINGS = {
  ...WALLET_PARTY_SETTINGS,
  invoice,
  mostFee: optional(
    '<amount>',
    amountText,
    'the most that hubs may keep, in units of the token; a tenth of the amount if not given',
  ),
  baseUnits,
  timeout: named('channelPayTimeout', within(PAY_SECONDS, 'how long to wait for the receipt')),
} as const;

export const LIST_SETTINGS = {
  ...WALLET_PARTY_SETTINGS,
  export: optional('<file>', parse.text, 'write the newest states there, for `quittance channel watch` elsewhere'),
} as const;

export const CLOSE_SETTINGS = {
  ...WALLET_PARTY_SETTINGS,
  vault: optional('<address>', vaultAddress, 'the channel, by its vault: the first column of `quittance channel list`'),
  alone: toggle(parse.flag, 'on L1, without the other party: takes a bond and the period; then run channel watch'),
  timeout: named('channelCloseTimeout', within(CLOSE_SECONDS, 'how long to wait until it is final')),
} as const;
