/** `quittance channel invoice`: what somebody is to pay, as text; online it takes the payment. */

import { RollupError } from '@quittance/protocol';
import type { TokenInfo } from '@quittance/sdk';
import {
  type ChannelInvoice,
  createInvoice,
  INVOICE_LIMITS,
  type InvoiceHub,
  parseInvoice,
} from '@quittance/sdk/channels';
import type { Values } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { refOf, unitsOf } from '../wallet/tokens.ts';
import { coinText, createCoins } from './coins.ts';
import type { INVOICE_SETTINGS } from './command-settings.ts';
import { type PartySession, withParty } from './session.ts';
import { waitFor } from './wait.ts';

type InvoiceValues = Values<typeof INVOICE_SETTINGS>;

const CONNECT_MS = 10_000;

/** Hubs with a channel that can take this much at once, the emptiest of ours first. @throws RollupError CHANNEL_FUNDS_SHORT. */
function hubsFor({ node, peers }: PartySession, token: TokenInfo, amount: bigint): InvoiceHub[] {
  const open = node.party.channels().filter(({ tokenId, stage }) => tokenId === token.tokenId && stage === 'open');
  if (open.length === 0) {
    throw new UsageError(
      `there is no open channel in ${token.symbol || `token ${token.tokenId}`} to be paid in: quittance channel open --hub <url> --amount … --inbound …`,
    );
  }
  const sorted = open.toSorted((one, other) => (one.theirs < other.theirs ? 1 : one.theirs > other.theirs ? -1 : 0));
  const most = sorted[0]!.theirs;
  if (most < amount) {
    throw new RollupError(
      'CHANNEL_FUNDS_SHORT',
      `no channel can take ${coinText(amount, token)}: the most that one can is ${coinText(most, token)}. Pay something in ` +
        'it, ask for less, or have the hub pay more in: quittance channel open --count 2 --inbound …',
      { expected: amount, actual: most },
    );
  }
  const able = sorted.filter(({ theirs }) => theirs >= amount);
  const addresses = [...new Set(able.map(({ peer }) => peer.toLowerCase()))].slice(0, INVOICE_LIMITS.hubs);
  return addresses.flatMap((address) => {
    const peer = peers.known(address);
    return peer === undefined ? [] : [{ address, url: peer.advertised ?? peer.url }];
  });
}

/** At least one of the hubs is there, or nobody can pay. */
async function requireOnline({ peers }: PartySession, hubs: readonly InvoiceHub[]): Promise<void> {
  peers.callAll();
  await Promise.any(hubs.map(({ address }) => peers.reach(address, CONNECT_MS))).catch((error: unknown) => {
    throw (error as AggregateError).errors[0] ?? error;
  });
}

/** Waits until it is paid, and says so. @throws RollupError TIMEOUT when it expires before. */
async function untilPaid(
  session: PartySession,
  made: Pick<ChannelInvoice, 'hash' | 'expiresAt' | 'hubs'>,
  what: string,
): Promise<void> {
  const { context, store, keys } = session;
  const { hash, expiresAt } = made;
  const find = async () => (await store.invoices([hash]))[0]?.paid;
  if ((await find()) === undefined) {
    await requireOnline(session, made.hubs);
    context.output.say(`waiting to be paid ${what}`);
  }
  const timeoutMs = Math.max(0, expiresAt - keys.now()) * 1_000;
  const next = 'it can be paid only while you wait: quittance channel invoice <invoice> --wait goes on';
  const paid = await waitFor(context, { timeoutMs, what: `somebody to pay ${what}`, next }, find);
  context.output.result({ hash, paid }, () => `paid: ${what}`);
}

/** An invoice that was made before. @throws RollupError CHANNEL_INVOICE_INVALID, NOT_FOUND when it is not of this store. */
async function waitForMade(session: PartySession, text: string): Promise<void> {
  const { keys, store, wallet } = session;
  const made = parseInvoice(text, keys);
  const { hash, tokenId, amount } = made;
  const [known] = await store.invoices([hash]);
  if (known === undefined) {
    throw new RollupError(
      'NOT_FOUND',
      `this invoice was not made with ${store.file}: name the store of its payee ${made.payee}`,
      {
        actual: hash,
      },
    );
  }
  await untilPaid(session, made, coinText(amount, await createCoins(wallet)(tokenId)));
}

/** Makes one. */
async function make(session: PartySession, values: InvoiceValues, written: string): Promise<void> {
  const { contract, address: payee, store, keys, wallet, context } = session;
  const { output } = context;
  const token = await wallet.token(refOf(values.token));
  const { tokenId } = token;
  const amount = unitsOf(written, token, values.baseUnits);
  const hubs = hubsFor(session, token, amount);
  if (values.wait) await requireOnline(session, hubs);
  const expiresAt = keys.now() + values.expires;
  const ours = { ...contract, channels: contract.channels.toLowerCase() };
  const terms = { contract: ours, payee, tokenId, amount, expiresAt, hubs, memo: values.memo };
  const { text, hash } = await createInvoice(terms, { store, keys });
  output.result({ invoice: text, hash, tokenId, amount, expiresAt, hubs }, () => text);
  if (values.wait) await untilPaid(session, { hash, expiresAt, hubs }, coinText(amount, token));
  else output.say('it can be paid only while you wait: quittance channel invoice <invoice> --wait');
}

/** Makes one, or waits for one that was made. */
export async function runChannelInvoice(context: Context, values: InvoiceValues): Promise<void> {
  const { invoice, amount } = values;
  if ((invoice === undefined) === (amount === undefined)) {
    throw new UsageError('give --amount for a new invoice, or name one that you made to wait for it');
  }
  await withParty(context, values, (session) =>
    invoice === undefined ? make(session, values, amount!) : waitForMade(session, invoice),
  );
}
