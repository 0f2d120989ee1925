/** `quittance channel invoice`: what somebody is to pay, as text; online it takes the payment. */

import { RollupError } from '@quittance/protocol';
import type { TokenInfo } from '@quittance/sdk';
import { createInvoice, INVOICE_LIMITS, type InvoiceHub } from '@quittance/sdk/channels';
import type { Values } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { refOf, unitsOf } from '../wallet/tokens.ts';
import { coinText } from './coins.ts';
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
        'it, ask for less, or have the hub pay more in: quittance channel open --another --inbound …',
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

/** Waits until it is paid. @throws RollupError TIMEOUT when it expires before. */
async function untilPaid(session: PartySession, hash: string, expiresAt: number) {
  const timeoutMs = Math.max(0, expiresAt - session.keys.now()) * 1_000;
  const next = 'it can be paid while you are online: quittance channel invoice <invoice> --wait';
  return waitFor(session.context, { timeoutMs, what: 'somebody to pay it', next }, async () => {
    const [invoice] = await session.store.invoices([hash]);
    return invoice?.paid;
  });
}

/** At least one of the hubs is there, or nobody can pay. */
async function requireOnline({ peers }: PartySession, hubs: readonly InvoiceHub[]): Promise<void> {
  await Promise.any(hubs.map(({ address }) => peers.reach(address, CONNECT_MS))).catch((error: unknown) => {
    throw (error as AggregateError).errors[0] ?? error;
  });
}

async function wait(session: PartySession, hash: string, expiresAt: number, text: string): Promise<void> {
  const { output } = session.context;
  const paid = await untilPaid(session, hash, expiresAt);
  output.result({ hash, paid: { ...paid, at: paid.at } }, () => text);
}

/** Makes one, or waits for one that was made. */
export async function runChannelInvoice(context: Context, values: InvoiceValues): Promise<void> {
  const { output } = context;
  if (values.amount === undefined) throw new UsageError('--amount is missing: how much is to be paid');
  await withParty(context, values, async (session) => {
    const token = await session.wallet.token(refOf(values.token));
    const { tokenId } = token;
    const amount = unitsOf(values.amount, token, values.baseUnits);
    const hubs = hubsFor(session, token, amount);
    session.peers.callAll();
    if (values.wait) await requireOnline(session, hubs);
    const expiresAt = session.keys.now() + values.expires;
    const { contract, address: payee, store, keys } = session;
    const terms = { contract: { ...contract, channels: contract.channels.toLowerCase() }, payee, tokenId, amount };
    const { text, hash } = await createInvoice({ ...terms, expiresAt, hubs, memo: values.memo }, { store, keys });
    output.result({ invoice: text, hash, tokenId, amount, expiresAt, hubs }, () => text);
    if (!values.wait) {
      output.say('who is paid must be online: quittance channel invoice --wait makes one and waits');
      return;
    }
    output.say(`waiting to be paid ${coinText(amount, token)}`);
    await wait(session, hash, expiresAt, `paid: ${coinText(amount, token)}`);
  });
}
