/** `quittance channel pay`: pays an invoice over one's own hub, and the payee's where that is another one. */

import { isRollupError, isSameAddress, RollupError } from '@quittance/protocol';
import type { TokenInfo } from '@quittance/sdk';
import {
  askTerms,
  type ChannelInvoice,
  type ChannelSummary,
  parseInvoice,
  payInvoice,
  type RouteHub,
  routeTo,
} from '@quittance/sdk/channels';
import { systemClock } from '../../runtime/index.ts';
import type { Values } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { table } from '../process/output.ts';
import { unitsOf } from '../wallet/tokens.ts';
import { coinText, createCoins } from './coins.ts';
import type { PAY_SETTINGS } from './command-settings.ts';
import { type PartySession, withParty } from './session.ts';

type PayValues = Values<typeof PAY_SETTINGS>;

const CONNECT_MS = 10_000;

/** A way to the payee. */
interface Way {
  readonly hubs: readonly RouteHub[];
  /** What leaves us, fees included. */
  readonly amount: bigint;
  readonly fee: bigint;
}

/** What a person does about the reason of a failure. */
const ADVICE: Readonly<Record<string, string>> = {
  PEER_AWAY: 'the payee, or a hub on the way, is not connected: the payee waits with quittance channel invoice --wait',
  NO_CHANNEL: 'a hub on the way has no channel with the next one',
  FUNDS_SHORT: 'a hub on the way has too little in its channel with the next one: pay less, or later',
  UNKNOWN_HASH: 'the payee does not know this invoice: ask for a new one',
  ALREADY_PAID: 'somebody has paid this invoice already',
  EXPIRED: 'it came too late: ask for a new invoice',
};

/** Terms of hubs, each asked for once. */
function createTermsOf({ peers }: PartySession) {
  const asked = new Map<string, Promise<RouteHub>>();
  return (address: string, url?: string): Promise<RouteHub> => {
    const name = address.toLowerCase();
    const found =
      asked.get(name) ??
      (async () => {
        const connected = peers.known(name) === undefined && url !== undefined;
        const { peer } = connected ? await peers.call(url, CONNECT_MS, name) : await peers.reach(name, CONNECT_MS);
        return { ...(await askTerms(peer)), address: name };
      })();
    asked.set(name, found);
    return found;
  };
}

/** All ways that could be, the cheapest first; and why others are none. */
async function findWays(session: PartySession, invoice: ChannelInvoice, mine: readonly ChannelSummary[]) {
  const termsOf = createTermsOf(session);
  const now = session.keys.now();
  const ways: Way[] = [];
  const problems: unknown[] = [];
  const own = [...new Set(mine.map(({ peer }) => peer.toLowerCase()))];
  const most = (address: string): bigint => {
    const able = mine.filter(({ peer }) => isSameAddress(peer, address)).map(({ ours }) => ours);
    return able.toSorted((one, other) => (one < other ? 1 : -1))[0] ?? 0n;
  };
  const add = (hubs: readonly RouteHub[]): void => {
    const { amount, fee } = routeTo(invoice, hubs, now);
    const first = hubs[0]?.address ?? invoice.payee;
    if (most(first) >= amount) ways.push({ hubs, amount, fee });
    else
      problems.push(
        new RollupError('CHANNEL_FUNDS_SHORT', `${most(first)} of ${amount} base units can be paid over ${first}`, {
          expected: amount,
          actual: most(first),
        }),
      );
  };
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      problems.push(error);
    }
  };
  for (const first of own) {
    if (isSameAddress(first, invoice.payee)) {
      await attempt(async () => {
        await session.peers.reach(first, CONNECT_MS);
        add([]);
      });
      continue;
    }
    const isTheirs = invoice.hubs.some(({ address }) => isSameAddress(address, first));
    if (isTheirs) await attempt(async () => add([await termsOf(first)]));
    for (const last of invoice.hubs) {
      if (isTheirs || isSameAddress(last.address, first)) continue;
      await attempt(async () => add([await termsOf(first), await termsOf(last.address, last.url)]));
    }
  }
  return { ways: ways.toSorted((one, other) => (one.fee < other.fee ? -1 : one.fee > other.fee ? 1 : 0)), problems };
}

/** Why there is no way. */
function noWay(
  invoice: ChannelInvoice,
  token: TokenInfo,
  mine: readonly ChannelSummary[],
  problems: readonly unknown[],
): unknown {
  if (mine.length === 0) {
    return new UsageError(
      `there is no open channel in ${token.symbol || `token ${token.tokenId}`} to pay from: quittance channel open --hub <url> --amount …`,
    );
  }
  const short = problems.find((error) => isRollupError(error, 'CHANNEL_FUNDS_SHORT')) as
    | RollupError<'CHANNEL_FUNDS_SHORT'>
    | undefined;
  if (short !== undefined) {
    const { expected, actual } = short.data as { expected: bigint; actual: bigint };
    return new RollupError(
      'CHANNEL_FUNDS_SHORT',
      `${coinText(expected, token)} leave you with this payment, fees included, and the best channel for it has ` +
        `${coinText(actual, token)}: open another one (quittance channel open --count 2), or pay on the rollup`,
      { expected, actual },
    );
  }
  if (problems.length > 0) return problems[0];
  const where =
    invoice.hubs.length === 0 ? 'it names no hub, and you have no channel with its payee' : 'no way leads to its hubs';
  return new RollupError('CHANNEL_INVOICE_INVALID', `this invoice cannot be paid here: ${where}`, { reason: where });
}

/** Fees that nobody has agreed to. */
function tooDear({ fee, amount }: Way, token: TokenInfo, cause: RollupError<'FEE_DISPROPORTIONATE'>): RollupError {
  const message =
    `nothing was paid: the hubs keep ${coinText(fee, token)} of ${coinText(amount, token)}, more than a tenth of what the payee ` +
    'gets; if that is what you want, say the most that they may keep with --most-fee';
  return new RollupError('FEE_DISPROPORTIONATE', message, cause.data, { cause });
}

/** Pays over the first way that does. */
async function payOver(session: PartySession, text: string, ways: readonly Way[], values: PayValues, token: TokenInfo) {
  const { node, contract, keys, context } = session;
  const mostFee = values.mostFee === undefined ? undefined : unitsOf(values.mostFee, token, values.baseUnits);
  const payer = { exchange: node.party.exchange, forwarder: node.forwarder, contract, keys };
  let last: unknown;
  for (const way of ways) {
    const over = way.hubs.map(({ address }) => address).join(', ');
    context.output.say(
      over === ''
        ? 'paying in the channel with the payee'
        : `paying over ${over}, who keep ${coinText(way.fee, token)}`,
    );
    try {
      const secret = await payInvoice(payer, text, { hubs: way.hubs, ...(mostFee === undefined ? {} : { mostFee }) });
      return { secret, way };
    } catch (error) {
      // The other ways cost no less.
      if (isRollupError(error, 'FEE_DISPROPORTIONATE')) throw tooDear(way, token, error);
      if (!isRollupError(error, 'CHANNEL_PAYMENT_FAILED')) throw error;
      last = error;
      const { reason, hash } = error.data as { reason: string; hash: string };
      const advice = ADVICE[reason];
      if (advice !== undefined) {
        last = new RollupError(
          'CHANNEL_PAYMENT_FAILED',
          `nothing was paid (${reason}): ${advice}`,
          { hash, reason },
          { cause: error },
        );
      }
      if (reason === 'ALREADY_PAID' || reason === 'UNKNOWN_HASH') break;
    }
  }
  throw last;
}

/** Ends with an error when it takes too long or is interrupted; the payment goes on as far as it is. */
async function orEnd<T>({ signal, output }: Context, timeoutMs: number, work: Promise<T>): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const next = 'what was begun is on its way: the same command follows it to its end, and pays nothing twice';
  const timer = systemClock.schedule(timeoutMs, () =>
    ended.reject(new RollupError('TIMEOUT', `there is no receipt after ${timeoutMs / 1_000} s; ${next}`, {})),
  );
  const onAbort = (): void => {
    output.say(next);
    ended.reject(signal.reason as Error);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
  }
}

async function pay(session: PartySession, values: PayValues, text: string, invoice: ChannelInvoice, token: TokenInfo) {
  const { node, peers, store } = session;
  const { tokenId, hash } = invoice;
  const begun = await store.payment(hash);
  peers.callAll();
  const mine = node.party.channels().filter((one) => one.tokenId === tokenId && one.stage === 'open');
  if (begun !== undefined && (await node.forwarder.isBegun(hash))) {
    session.context.output.say('this payment was begun before: following it');
    const { exchange } = node.party;
    const { contract, keys, forwarder } = { ...session, forwarder: node.forwarder };
    const own = node.party.channels().find(({ vault }) => vault === begun.vault)!.peer;
    const hubs = isSameAddress(own, invoice.payee)
      ? []
      : [{ feeBase: 0n, feePartsPerMillion: 0, expiryDelta: 0, address: own }];
    const secret = await payInvoice({ exchange, forwarder, contract, keys }, text, { hubs });
    return {
      secret,
      amount: begun.amount,
      fee: begun.amount - invoice.amount,
      hubs: hubs.map(({ address }) => address),
    };
  }
  const { ways, problems } = await findWays(session, invoice, mine);
  if (ways.length === 0) throw noWay(invoice, token, mine, problems);
  const { secret, way } = await payOver(session, text, ways, values, token);
  return { secret, amount: way.amount, fee: way.fee, hubs: way.hubs.map(({ address }) => address) };
}

/** Pays, once an invoice. @throws UsageError, RollupError as `payInvoice`. */
export async function runChannelPay(context: Context, values: PayValues): Promise<void> {
  const { output } = context;
  const text = values.invoice;
  if (text === undefined) throw new UsageError('name the invoice: quittance channel pay <invoice>, in quotes');
  await withParty(context, values, async (session) => {
    const invoice = parseInvoice(text, session.keys);
    const { contract } = invoice;
    if (contract.chainId !== session.contract.chainId || !isSameAddress(contract.channels, session.contract.channels)) {
      const reason = `it is of the channels ${contract.channels} on chain ${contract.chainId}, not of ${session.contract.channels}`;
      throw new RollupError('CHANNEL_INVOICE_INVALID', `this invoice cannot be paid here: ${reason}`, { reason });
    }
    const token = await createCoins(session.wallet)(invoice.tokenId);
    const known = await session.store.payment(invoice.hash);
    const isPaid = known?.receipt !== undefined;
    if (isPaid) output.say('this invoice was paid before: nothing is paid again');
    const paid =
      known?.receipt === undefined
        ? await orEnd(context, values.timeout * 1_000, pay(session, values, text, invoice, token))
        : { secret: known.receipt.secret, amount: known.amount, fee: known.amount - invoice.amount, hubs: [] };
    const { secret, amount, fee, hubs } = paid;
    const { hash, payee, tokenId, memo } = invoice;
    output.result({ hash, receipt: secret, payee, tokenId, amount, fee, hubs, memo, isNew: !isPaid }, () =>
      table([
        ['paid', coinText(invoice.amount, token)],
        ['fee', coinText(fee, token)],
        ['to', payee],
        ...(memo === '' ? [] : [['for', memo]]),
        ['receipt', secret],
      ]),
    );
  });
}
