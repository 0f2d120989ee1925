/** `quittance channel open`: a channel with a hub, and one that the hub pays in if that is asked for. Goes on where it was. */

import { isRollupError, isSameAddress, RollupError } from '@quittance/protocol';
import { accountsOfOwner, type TokenInfo } from '@quittance/sdk';
import {
  askTerms,
  type ChannelSummary,
  type Engagement,
  judgeOpening,
  type OpenRequest,
  type PartyConnection,
  type PartyTerms,
} from '@quittance/sdk/channels';
import { systemClock } from '../../runtime/index.ts';
import type { Values } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { table } from '../process/output.ts';
import { amountOf, refOf, unitsOf } from '../wallet/tokens.ts';
import { coinText, requireStatable } from './coins.ts';
import type { OPEN_SETTINGS } from './command-settings.ts';
import { type PartySession, withParty } from './session.ts';
import { waitFor } from './wait.ts';

type OpenValues = Values<typeof OPEN_SETTINGS>;

const CONNECT_MS = 10_000;
/** The hub sees a moment later than we that our money is final. */
const ASK_MS = { most: 60_000, pause: 1_000 } as const;

/** Everything about one opening. */
interface Opening {
  readonly session: PartySession;
  readonly values: OpenValues;
  readonly hub: PartyConnection;
  readonly terms: PartyTerms;
  readonly token: TokenInfo;
}

const GO_ON = 'the same command goes on from here, and pays nothing in twice';

/** Channels with the hub that are not closed. */
function withHub({ session, hub }: Opening): readonly ChannelSummary[] {
  const all = session.node.party.channels();
  return all.filter(({ peer, stage }) => isSameAddress(peer, hub.address) && stage !== 'closed');
}

/** Those of them in this token that are open, or will be, by whose money it is. */
function channelsOf(opening: Opening, isOurs: boolean): readonly ChannelSummary[] {
  const { tokenId } = opening.token;
  return withHub(opening).filter((one) => one.tokenId === tokenId && one.isOurs === isOurs && one.stage !== 'closing');
}

/** What the hub has with us, as it counts. @param more that we pay in before it is asked. */
function engagementOf(opening: Opening, more = 0n): Engagement {
  const all = withHub(opening);
  const inToken = all.filter(({ tokenId }) => tokenId === opening.token.tokenId);
  const sum = (isOurs: boolean, of: (one: ChannelSummary) => bigint): bigint =>
    inToken.filter((one) => one.isOurs === isOurs).reduce((total, one) => total + of(one), 0n);
  return {
    channels: all.length + (more > 0n ? 1 : 0),
    opening: all.filter(({ stage }) => stage === 'opening').length,
    // Only the hub knows.
    openingOfAll: 0,
    // What is on its way is final by the time the hub is asked.
    theirs: sum(true, ({ capacity, paidIn }) => (capacity === 0n ? paidIn : capacity)) + more,
    ours: sum(false, ({ paidIn }) => paidIn),
  };
}

/** Money enough for what is to be paid in. @throws RollupError INSUFFICIENT_FUNDS. */
async function requireMoney({ session: { wallet, address }, token }: Opening, amount: bigint): Promise<void> {
  const [{ soft }, fee] = await Promise.all([wallet.balance(token.tokenId), wallet.estimateFee(token.tokenId)]);
  if (soft >= amount + fee) return;
  throw new RollupError(
    'INSUFFICIENT_FUNDS',
    `your account in the rollup has ${coinText(soft, token)}, too little for ${coinText(amount, token)} and a fee of about ` +
      `${coinText(fee, token)}: quittance wallet deposit --amount …, or open with less`,
    { account: address, balance: soft, needed: amount + fee },
  );
}

/** How far the money of a channel is, as the sequencer says. */
async function progressOf({ session: { client }, token }: Opening, vault: string): Promise<string> {
  for (const [tag, text] of [
    ['safe', 'its money is on L1, and is final once nobody can take that back'],
    ['latest', 'the sequencer has its money; now it goes to L1'],
  ] as const) {
    const found = await accountsOfOwner(client, BigInt(vault), tag);
    if (found.some(({ tokenId }) => tokenId === token.tokenId)) return text;
  }
  return 'both have signed that all of it is its funder’s; its money comes next';
}

async function untilOpen(opening: Opening, vault: string): Promise<ChannelSummary> {
  const { session, values } = opening;
  const { output } = session.context;
  let told = '';
  const waiting = { timeoutMs: values.timeout * 1_000, what: `the channel ${vault} to be final`, next: GO_ON };
  return waitFor(session.context, waiting, async () => {
    const found = session.node.party.channels().find((one) => one.vault === vault)!;
    if (found.stage === 'open') return found;
    if (found.stage !== 'opening') {
      throw new RollupError(
        'CHANNEL_CLOSED',
        `the channel ${vault} is being closed already: it is not opened any more`,
      );
    }
    // What is not known now is known at the next look.
    const text = await progressOf(opening, vault).catch(() => told);
    if (text !== told) output.say(text);
    told = text;
    return undefined;
  });
}

/** Goes on with a channel that was begun. @throws UsageError when it is another one that is asked for now. */
function goOn(opening: Opening, begun: ChannelSummary, request: OpenRequest): Promise<ChannelSummary> {
  const { session, token } = opening;
  if (begun.paidIn !== request.amount) {
    const flag = request.funder === 'a' ? '--amount' : '--inbound';
    throw new UsageError(
      `a channel with ${coinText(begun.paidIn, token)} is being opened with this hub already: let it be final first, with ` +
        `${flag} ${amountOf(begun.paidIn, token)}`,
    );
  }
  session.context.output.say(`going on with the channel ${begun.vault}`);
  return untilOpen(opening, begun.vault);
}

/** A channel of ours: one that was begun, or that there is, or a new one. */
async function openOurs(opening: Opening, request: OpenRequest): Promise<ChannelSummary> {
  const { session, values, hub, token } = opening;
  const { output } = session.context;
  const ours = channelsOf(opening, true);
  const begun = ours.find(({ stage }) => stage === 'opening');
  if (begun !== undefined) return goOn(opening, begun, request);
  const last = ours.at(-1);
  if (last !== undefined && ours.length >= values.count) {
    output.say(
      `there is a channel of ${coinText(last.paidIn, token)} with this hub already; --count ${ours.length + 1} opens one more`,
    );
    return last;
  }
  await requireMoney(opening, request.amount);
  const vault = await session.node.party.open(hub.address, request);
  output.say(`channel ${vault}: ${coinText(request.amount, token)} of ours`);
  await session.node.look();
  return untilOpen(opening, vault);
}

/** The hub's part. It counts our money once it is final there too. */
async function openTheirs(opening: Opening, request: OpenRequest): Promise<ChannelSummary> {
  const { session, values, hub, token } = opening;
  const { output, signal } = session.context;
  const theirs = channelsOf(opening, false);
  const begun = theirs.find(({ stage }) => stage === 'opening');
  if (begun !== undefined) return goOn(opening, begun, request);
  const last = theirs.at(-1);
  if (last !== undefined && theirs.length >= values.count) return last;
  for (const end = systemClock.monotonicMs() + ASK_MS.most; ; ) {
    try {
      const vault = await session.node.party.open(hub.address, request);
      output.say(`channel ${vault}: ${coinText(request.amount, token)} of the hub’s`);
      return await untilOpen(opening, vault);
    } catch (error) {
      if (!isRollupError(error, 'CHANNEL_CHANGE_REFUSED') || systemClock.monotonicMs() > end) throw error;
      await systemClock.sleep(ASK_MS.pause, signal);
    }
  }
}

function refused(reason: string): RollupError<'CHANNEL_CHANGE_REFUSED'> {
  return new RollupError('CHANNEL_CHANGE_REFUSED', `this hub does not take that: ${reason}`, { reason });
}

/** What the hub says, too, in words of people. @throws RollupError CHANNEL_CHANGE_REFUSED. */
function requireTaken({ terms, token }: Opening, request: OpenRequest): void {
  const taken = terms.tokens.find(({ tokenId }) => tokenId === token.tokenId);
  if (taken === undefined) return; // whoever judges says so
  const { least, most, mostInbound } = taken;
  const wanted = coinText(request.amount, token);
  if (request.amount < least || request.amount > most) {
    throw refused(`a channel is of ${coinText(least, token)} to ${coinText(most, token)}, not of ${wanted}`);
  }
  if (request.funder === 'b' && request.amount > mostInbound) {
    throw refused(`it pays in ${coinText(mostInbound, token)} at most, not ${wanted}`);
  }
}

/** All that can be seen before any money moves is seen then. @throws RollupError CHANNEL_CHANGE_REFUSED. */
function requireTerms(opening: Opening, ours: OpenRequest, theirs: OpenRequest | undefined): void {
  const { terms, values } = opening;
  const isNew = (isOurs: boolean): boolean => {
    const known = channelsOf(opening, isOurs);
    return known.length < values.count && known.every(({ stage }) => stage !== 'opening');
  };
  if (isNew(true)) {
    requireTaken(opening, ours);
    judgeOpening(terms, ours, engagementOf(opening));
  }
  if (theirs === undefined || !isNew(false)) return;
  requireTaken(opening, theirs);
  judgeOpening(terms, theirs, engagementOf(opening, isNew(true) ? ours.amount : 0n));
}

async function connect({ peers }: PartySession, url: string): Promise<PartyConnection> {
  try {
    return await peers.call(url, CONNECT_MS);
  } catch (error) {
    if (!isRollupError(error, 'CHANNEL_PEER_AWAY')) throw error;
    const reason = `nobody answers at ${url}: check the URL, or try again later`;
    throw new RollupError('CHANNEL_PEER_AWAY', reason, { reason }, { cause: error });
  }
}

/** Opens, or goes on. @throws UsageError or RollupError as the hub refuses, or what it needs is not there. */
export async function runChannelOpen(context: Context, values: OpenValues): Promise<void> {
  await withParty(context, values, async (session) => {
    const token = await session.wallet.token(refOf(values.token));
    const { tokenId } = token;
    const { period } = values;
    const amount = unitsOf(values.amount, token, values.baseUnits);
    const inbound = values.inbound === undefined ? 0n : unitsOf(values.inbound, token, values.baseUnits);
    if (amount === 0n)
      throw new UsageError('--amount is 0: nothing could be paid, and the hub would pay nothing in either');
    for (const one of [amount, inbound]) requireStatable(one, token);
    const hub = await connect(session, values.hub);
    const terms = await askTerms(hub.peer);
    const advertised = terms.url === undefined ? {} : { advertised: terms.url };
    await session.peers.remember(hub.address, { url: values.hub, ...advertised });
    const opening: Opening = { session, values, hub, terms, token };
    const ours: OpenRequest = { tokenId, amount, period, funder: 'a' };
    const theirs: OpenRequest | undefined = inbound === 0n ? undefined : { ...ours, amount: inbound, funder: 'b' };
    requireTerms(opening, ours, theirs);
    const opened = [await openOurs(opening, ours)];
    if (theirs !== undefined) opened.push(await openTheirs(opening, theirs));
    const channels = opened.map(({ vault, ours, theirs, isOurs }) => ({ vault, tokenId, ours, theirs, isOurs }));
    context.output.result({ hub: hub.address, url: values.hub, period, channels }, () =>
      table([
        ['channel', 'we can pay', 'we can be paid', 'paid in by'],
        ...channels.map(({ vault, ours, theirs, isOurs }) => [
          ...[vault, coinText(ours, token), coinText(theirs, token), isOurs ? 'us' : 'the hub'],
        ]),
      ]),
    );
  });
}
