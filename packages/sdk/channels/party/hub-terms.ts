/** What a party takes channels for, and payments that it passes on, as it says to whoever asks. Source: docs/channels.md, Connections. */

import { RollupError } from '@quittance/protocol';
import type { HubTerms } from '../forward/index.ts';
import { amount, count, type Json, list, object } from '../read-json.ts';
import type { WirePeer } from '../wire/peer.ts';
import { partyUrl } from './documents.ts';
import type { OpenRequest } from './opening.ts';

/** What is taken in a token. Base units. */
export interface TokenTerms {
  readonly tokenId: number;
  /** Of a channel that the other party pays in. */
  readonly least: bigint;
  readonly most: bigint;
  /** What we pay into channels with one party, at most, and not more than it has paid in itself. */
  readonly mostInbound: bigint;
}

/** All that is taken. */
export interface PartyTerms extends HubTerms {
  readonly tokens: readonly TokenTerms[];
  /** Seconds. */
  readonly period: { readonly least: number; readonly most: number };
  /** Channels with one party. */
  readonly mostChannels: number;
  /** Where others are to reach it, if it says so: what invoices name. */
  readonly url?: string;
}

/** @throws RollupError CHANNEL_PEER_WRONG when they are none. */
export function decodePartyTerms(value: Json): PartyTerms {
  const read = object('terms', value);
  const period = object('a period', read['period']);
  const url = read['url'] === undefined ? {} : { url: partyUrl(read['url']) };
  return {
    ...url,
    tokens: list('tokens', read['tokens'], 256, (one) => {
      const token = object('a token', one);
      return {
        tokenId: count('a token', token['tokenId'], 32),
        least: amount('an amount', token['least']),
        most: amount('an amount', token['most']),
        mostInbound: amount('an amount', token['mostInbound']),
      };
    }),
    period: { least: count('a period', period['least'], 40), most: count('a period', period['most'], 40) },
    mostChannels: count('a number of channels', read['mostChannels'], 32),
    feeBase: amount('a fee', read['feeBase']),
    feePartsPerMillion: count('a fee', read['feePartsPerMillion'], 32),
    expiryDelta: count('a time', read['expiryDelta'], 32),
  };
}

/** Asks a party for its terms. @throws RollupError as `WirePeer.request`, CHANNEL_PEER_WRONG. */
export async function askTerms(peer: Pick<WirePeer, 'request'>): Promise<PartyTerms> {
  return decodePartyTerms(await peer.request('channel_policy', {}));
}

/** What there is with a party already, in one token. */
export interface Engagement {
  /** Channels that are not closed. */
  readonly channels: number;
  /** Of these, such whose money is not final yet. */
  readonly opening: number;
  /** Channels of all parties that they have not paid in yet. */
  readonly openingOfAll: number;
  /** Base units that it has paid in, that are final, and that no close takes away. */
  readonly theirs: bigint;
  /** Base units that we have paid in, or will. */
  readonly ours: bigint;
}

function refuse(reason: string): RollupError<'CHANNEL_CHANGE_REFUSED'> {
  return new RollupError('CHANNEL_CHANGE_REFUSED', `this channel is not opened here: ${reason}`, { reason });
}

/** Channels of one party whose money is still to come, at most: each costs us a look now and then. */
const MOST_OPENING = 4;

/** The same of all parties together: whoever opens under many names makes no more looks. */
export const MOST_OPENING_OF_ALL = 1_000;

/** Whether a channel is opened. @throws RollupError CHANNEL_CHANGE_REFUSED why not. */
export function judgeOpening(terms: PartyTerms, request: OpenRequest, engagement: Engagement): void {
  const { tokenId, amount: asked, period, funder } = request;
  const token = terms.tokens.find((one) => one.tokenId === tokenId);
  if (token === undefined) {
    throw refuse(`token ${tokenId} is not taken, but ${terms.tokens.map((one) => one.tokenId).join(', ') || 'none'}`);
  }
  const { least, most } = terms.period;
  if (period < least || period > most) throw refuse(`its period is ${period} s, ${least} to ${most} s are taken`);
  if (engagement.channels >= terms.mostChannels) throw refuse(`there are ${engagement.channels} already`);
  if (engagement.opening >= MOST_OPENING) throw refuse(`${engagement.opening} of them are not paid in yet`);
  if (engagement.openingOfAll >= MOST_OPENING_OF_ALL)
    throw refuse(`${engagement.openingOfAll} channels of others are not paid in yet: try again later`);
  if (asked < token.least || asked > token.most) {
    throw refuse(`its amount is ${asked}, ${token.least} to ${token.most} are taken`);
  }
  if (funder === 'a') return;
  const wanted = engagement.ours + asked;
  if (wanted > token.mostInbound) throw refuse(`we would pay in ${wanted} with you, at most ${token.mostInbound}`);
  if (wanted > engagement.theirs) {
    throw refuse(
      `we would pay in ${wanted}, more than the ${engagement.theirs} that you have paid in and that are final`,
    );
  }
}
