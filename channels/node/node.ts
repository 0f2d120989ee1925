/** A party as a process has it: its store, its channels, payments over them, and its looks at the rollup. */

import type { ChannelsConstants, ChannelsReader } from '@quittance/chain';
import { type Address, isRollupError, isSameAddress, type RollupError } from '@quittance/protocol';
import type { SignedPayment, Wallet } from '@quittance/sdk';
import {
  type ChannelParty,
  type ChannelReceiver,
  type ChannelRollup,
  createChannelParty,
  createForwarder,
  type Engagement,
  FORWARD_DEFAULTS,
  type Forwarder,
  type ForwardPolicy,
  type Funding,
  judgeOpening,
  type PartyTerms,
  type SecretsOnL1,
  type StateKeys,
} from '@quittance/sdk/channels';
import { type Clock, createLoop, type Logger } from '../../runtime/index.ts';
import type { OpenChannelStore } from '../store/store.ts';
import { createCloseWatch } from './closes.ts';

export interface ChannelNodeOptions {
  readonly address: Address;
  readonly chainId: bigint;
  readonly constants: ChannelsConstants;
  readonly keys: StateKeys;
  readonly store: OpenChannelStore;
  readonly rollup: ChannelRollup;
  /** Pays channels in, and is paid by them. */
  readonly wallet: Pick<Wallet, 'transfer' | 'resume' | 'accounts' | 'receiver'>;
  readonly secrets: SecretsOnL1;
  /** Where closes on L1 are seen. */
  readonly reader: Pick<ChannelsReader, 'head' | 'events' | 'closeOf'>;
  /** Whether blocks of L1 come by themselves, and not on demand. */
  readonly areBlocksRegular: boolean;
  /** What others are told, and held to. */
  readonly terms: PartyTerms;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Between two looks at the rollup, and at L1. */
  readonly lookMs?: number;
}

/** A party that runs. */
export interface ChannelNode {
  readonly party: ChannelParty;
  readonly forwarder: Forwarder;
  /** Looks at the rollup now, at all channels. */
  look(): Promise<void>;
  /** Seconds since L1 was seen, or since it started. */
  l1UnseenSeconds(): number;
  /** Resolves with why nothing may be signed any more: nothing can be written, or L1 was not seen for too long. */
  readonly failed: Promise<RollupError>;
  stop(): Promise<void>;
}

const LOOK_MS = 2_000;
/** Channels that rest are looked at this often, in looks: their money changes only by what we see on L1 anyway. */
const RESTING_LOOKS = 30;

/** Pays a channel in, once: what was signed is sent again, and nothing else is signed before that is dead. */
async function payIn(wallet: ChannelNodeOptions['wallet'], funding: Funding): Promise<void> {
  const { receiver, amount, tokenId, kept, keep, forget } = funding;
  if (kept !== undefined) {
    await wallet.resume(JSON.parse(kept) as SignedPayment).catch(async (error: unknown) => {
      // Proven dead: the next look signs anew.
      if (isRollupError(error, 'EXPIRED') || isRollupError(error, 'NONCE_USED')) await forget();
      throw error;
    });
    return;
  }
  const onSigned = (signed: SignedPayment): Promise<void> => keep(JSON.stringify(signed));
  await wallet.transfer({ to: receiver, amount, token: tokenId, onSigned });
}

/** The wallet's own account in a token, or its key where it has none yet. */
async function ownReceiver(
  { accounts, receiver }: ChannelNodeOptions['wallet'],
  tokenId: number,
): Promise<ChannelReceiver> {
  const [owner, keyY] = receiver.split(':').map((part) => BigInt(part)) as [bigint, bigint];
  const own = (await accounts()).find((one) => one.tokenId === tokenId && BigInt(one.keyY) === keyY);
  return { ...(own === undefined ? {} : { index: own.index }), owner, keyY };
}

/** What there is with a party in a token. */
function engagementWith(party: ChannelParty, peer: Address, tokenId: number): Engagement {
  const all = party.channels().filter((one) => isSameAddress(one.peer, peer) && one.stage !== 'closed');
  const inToken = all.filter((one) => one.tokenId === tokenId);
  const ours = inToken.filter(({ isOurs }) => isOurs);
  // Money that leaves with a close on L1 is no stake any more.
  const theirs = inToken.filter(({ isOurs, stage }) => !isOurs && stage === 'open');
  return {
    // One that was closed alone, and whose money is on L1, is left to whoever watches there.
    channels: all.filter(({ stage, capacity }) => stage !== 'closing' || capacity > 0n).length,
    opening: all.filter(({ stage }) => stage === 'opening').length,
    openingOfAll: party.channels().filter(({ stage, isOurs }) => stage === 'opening' && !isOurs).length,
    ours: ours.reduce((total, { paidIn }) => total + paidIn, 0n),
    theirs: theirs.reduce((total, { capacity }) => total + capacity, 0n),
  };
}

/** The policy of the forwarder: time enough for L1, and our fees. */
function forwardPolicy({ feeBase, feePartsPerMillion, expiryDelta }: PartyTerms): ForwardPolicy {
  return { ...FORWARD_DEFAULTS, feeBase, feePartsPerMillion, expiryDelta };
}

/**
 * Starts a party over its store, once it has seen which of its channels are closed on L1.
 *
 * @throws RollupError as the store, CONFIG_INVALID for terms with which money can be lost, L1_UNREACHABLE.
 */
export async function startChannelNode(options: ChannelNodeOptions): Promise<ChannelNode> {
  const { address, chainId, constants, keys, store, rollup, wallet, secrets, terms, clock, logger } = options;
  const failed = Promise.withResolvers<RollupError>();
  const party: ChannelParty = await createChannelParty({
    ...{ address, keys, store, documents: store.documents, rollup, clock },
    // What has come over all connections by the end of this turn of the event loop waits for the disk once.
    gather: () => new Promise(setImmediate),
    contract: { chainId, channels: constants.contract },
    implementation: constants.implementation,
    judge: (peer, request) => judgeOpening(terms, request, engagementWith(party, peer, request.tokenId)),
    policy: () => terms,
    fund: (funding) => payIn(wallet, funding),
    receiver: (tokenId) => ownReceiver(wallet, tokenId),
    isClosed: async (vault) => (await options.reader.closeOf(vault)) !== undefined,
    listener: {
      applied: () => undefined,
      failed: failed.resolve,
      connected: ({ address: peer }) => logger.debug('a party is there', { peer }),
      disconnected: ({ address: peer }) => logger.debug('a party is gone', { peer }),
      trouble: (vault, error) => logger.warn('a channel could not be looked at; trying again', { vault, error }),
    },
  });
  const { reader, areBlocksRegular, lookMs = LOOK_MS } = options;
  const closes = createCloseWatch({ reader, party, areBlocksRegular, clock, logger, lookMs, onBlind: failed.resolve });
  // Before anybody is connected, and anything is passed on: a channel may have been closed and settled while this was not there.
  await closes.look().catch(async (error: unknown) => {
    await party.stop();
    throw error;
  });
  const forwarder = await createForwarder({
    ...{ exchange: party.exchange, store, l1: secrets, clock },
    now: keys.now,
    policy: () => forwardPolicy(terms),
    onTrouble: (error) => logger.warn('a payment could not be looked at; trying again', { error }),
  });
  let looks = 0;
  const loop = createLoop({
    clock,
    intervalMs: lookMs,
    run: async () => {
      // First: of a channel whose close was not seen, money must not count.
      await closes.look();
      await party.look(looks % RESTING_LOOKS === 0);
      looks += 1;
    },
    onError: (error) => logger.warn('the rollup could not be looked at; trying again', { error }),
  });
  loop.start();
  closes.start();
  return {
    party,
    forwarder,
    async look() {
      await closes.look();
      await party.look(true);
    },
    l1UnseenSeconds: closes.unseenSeconds,
    failed: failed.promise,
    async stop() {
      await closes.stop();
      await loop.stop();
      forwarder.stop();
      await party.stop();
      store.close();
    },
  };
}

/** Terms of who opens channels and passes nothing on: nobody opens one with it. */
export const WALLET_TERMS: PartyTerms = {
  tokens: [],
  period: { least: 0, most: 0 },
  mostChannels: 0,
  feeBase: 0n,
  feePartsPerMillion: 0,
  expiryDelta: FORWARD_DEFAULTS.expiryDelta,
};
