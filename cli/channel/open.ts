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
import { refOf, unitsOf } from '../wallet/tokens.ts';
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

/** Channels with the hub in this token that are not closed. */
function channelsOf({ session, hub, token }: Opening): readonly ChannelSummary[] {
  return session.node.party
    .channels()
    .filter(
      ({ peer, tokenId, stage }) => isSameAddress(peer, hub.address) && tokenId === token.tokenId && stage !== 'closed',
    );
}

/** What the hub has with us, as it counts. */
function engagementOf(opening: Opening, more = 0n): Engagement {
  const { session, hub } = opening;
  const all = session.node.party
    .channels()
    .filter(({ peer, stage }) => isSameAddress(peer, hub.address) && stage !== 'closed');
  const sum = (isOurs: boolean, of: (one: ChannelSummary) => bigint): bigint =>
    channelsOf(opening)
      .filter((one) => one.isOurs === isOurs)
      .reduce((total, one) => total + of(one), 0n);
  return {
    channels: all.length + (more > 0n ? 1 : 0),
    opening: all.filter(({ stage }) => stage === 'opening').length,
    theirs: sum(true, ({ capacity }) => capacity) + more,
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

/** A channel of ours: the one that there is, or that was begun, or a new one. */
async function openOurs(opening: Opening, request: OpenRequest): Promise<ChannelSummary> {
  const { session, values, hub, terms, token } = opening;
  const { output } = session.context;
  const ours = channelsOf(opening).filter((one) => one.isOurs);
  const begun = ours.find(({ stage }) => stage === 'opening');
  if (begun !== undefined) {
    if (begun.paidIn !== request.amount) {
      throw new UsageError(
        `a channel with ${coinText(begun.paidIn, token)} is being opened with this hub already: let it be final first, with ` +
          `--amount ${coinText(begun.paidIn, token).split(' ')[0]}`,
      );
    }
    output.say(`going on with the channel ${begun.vault}`);
    return untilOpen(opening, begun.vault);
  }
  const open = ours.find(({ stage }) => stage === 'open');
  if (open !== undefined && !values.another) {
    output.say(
      `there is a channel of ${coinText(open.paidIn, token)} with this hub already; give --another for one more beside it`,
    );
    return open;
  }
  judgeOpening(terms, request, engagementOf(opening));
  await requireMoney(opening, request.amount);
  const vault = await session.node.party.open(hub.address, request);
  output.say(`channel ${vault}: ${coinText(request.amount, token)} of ours`);
  await session.node.look();
  return untilOpen(opening, vault);
}

/** The hub's part. It counts our money once it is final there too. */
async function openTheirs(opening: Opening, request: OpenRequest): Promise<ChannelSummary> {
  const { session, hub, token, terms } = opening;
  const { output, signal } = session.context;
  const known = channelsOf(opening).find((one) => !one.isOurs && one.stage !== 'closing');
  if (known !== undefined) {
    if (known.stage === 'open' && known.paidIn < request.amount) {
      output.warn(`the hub has paid ${coinText(known.paidIn, token)} in already; nothing is asked for on top of that`);
    }
    return untilOpen(opening, known.vault);
  }
  judgeOpening(terms, request, engagementOf(opening));
  for (const end = systemClock.monotonicMs() + ASK_MS.most; ; ) {
    try {
      const vault = await session.node.party.open(hub.address, request);
      output.say(`channel ${vault}: ${coinText(request.amount, token)} of the hub’s`);
      return untilOpen(opening, vault);
    } catch (error) {
      if (!isRollupError(error, 'CHANNEL_CHANGE_REFUSED') || systemClock.monotonicMs() > end) throw error;
      await systemClock.sleep(ASK_MS.pause, signal);
    }
  }
}

function refused(reason: string): RollupError<'CHANNEL_CHANGE_REFUSED'> {
  return new RollupError('CHANNEL_CHANGE_REFUSED', `this hub does not take that: ${reason}`, { reason });
}

/** The same as the hub says, in words of people. @throws RollupError CHANNEL_CHANGE_REFUSED. */
function requireTaken({ terms, token }: Opening, amount: bigint, inbound: bigint): void {
  const taken = terms.tokens.find(({ tokenId }) => tokenId === token.tokenId);
  if (taken === undefined) return; // said by who judges
  const { least, most, mostInbound } = taken;
  if (amount < least || amount > most) {
    throw refused(
      `it takes ${coinText(least, token)} to ${coinText(most, token)} in a channel, not ${coinText(amount, token)}`,
    );
  }
  if (inbound > mostInbound)
    throw refused(`it pays in ${coinText(mostInbound, token)} at most, not ${coinText(inbound, token)}`);
  if (inbound > 0n && inbound < least)
    throw refused(`it pays in ${coinText(least, token)} at least, not ${coinText(inbound, token)}`);
}

function requireTerms(opening: Opening, amount: bigint, inbound: bigint, period: number): void {
  const { terms, token } = opening;
  const { tokenId } = token;
  const isNew = !channelsOf(opening).some((one) => one.isOurs);
  // All that can be seen now is seen before any money moves.
  requireTaken(opening, amount, inbound);
  if (isNew) judgeOpening(terms, { tokenId, amount, period, funder: 'a' }, engagementOf(opening));
  if (inbound === 0n || channelsOf(opening).some((one) => !one.isOurs)) return;
  judgeOpening(terms, { tokenId, amount: inbound, period, funder: 'b' }, engagementOf(opening, isNew ? amount : 0n));
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
    requireTerms(opening, amount, inbound, period);
    const opened = [await openOurs(opening, { tokenId, amount, period, funder: 'a' })];
    if (inbound > 0n) opened.push(await openTheirs(opening, { tokenId, amount: inbound, period, funder: 'b' }));
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
