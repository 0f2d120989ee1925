/**
 * A channel is opened in three calls: the joint key is made, both sign that all is the funder's, and the opener says that it
 * has written that down. Only then money may move.
 */

import { bytesToHex, randomBytes } from '@noble/hashes/utils.js';
import {
  type Address,
  type ChannelState,
  type ChannelTerms,
  channelVault,
  isSameAddress,
  RollupError,
  type StateSignature,
} from '@quittance/protocol';
import type { Exchange } from '../exchange/index.ts';
import { type JointKey, type JointKeyMaking, makeJointKey, type Party } from '../joint-key.ts';
import { signature as readSignature } from '../json.ts';
import { address, amount, count, type Json, object, unreadable } from '../read-json.ts';
import type { ChannelRecord } from '../record.ts';
import type { StateKeys } from '../side/index.ts';
import type { WirePeer } from '../wire/peer.ts';
import type { ChannelAccount, Kept } from './documents.ts';
import { decodeFirst, decodeSecond, encodeFirst, encodeSecond } from './joint-json.ts';

/** What an opener wants. */
export interface OpenRequest {
  readonly tokenId: number;
  /** Base units that the funder pays in. */
  readonly amount: bigint;
  /** Seconds that a lonely close can be challenged. */
  readonly period: number;
  /** Who pays in: the opener, A, or the other one, if it will. */
  readonly funder: Party;
}

/** What whoever is asked says to it. @throws RollupError why not. */
export type JudgeOpening = (peer: Address, request: OpenRequest) => void | Promise<void>;

/** What both sides of an opening need. */
export interface OpeningParts {
  readonly us: Address;
  /** The contract of the channels, and what its vaults are clones of. */
  readonly channels: Address;
  readonly implementation: Address;
  readonly keys: StateKeys;
  readonly exchange: Exchange;
  readonly accounts: Kept<ChannelAccount>;
}

/** Everything is the funder's. */
const firstState = (funder: Party): ChannelState => ({
  version: 0,
  claim: 0n,
  residualIsB: funder === 'b',
  htlcs: [],
});

function encodeTerms({ nonce, ...terms }: ChannelTerms) {
  return { ...terms, nonce: nonce.toString() };
}

function decodeTerms(value: Json): ChannelTerms {
  const read = object('terms', value);
  return {
    tokenId: count('a token', read['tokenId'], 32),
    a: address('a', read['a']).toLowerCase(),
    b: address('b', read['b']).toLowerCase(),
    period: count('a period', read['period'], 40),
    nonce: amount('a nonce', read['nonce'], 64),
  };
}

function party(value: Json): Party {
  if (value === 'a' || value === 'b') return value;
  throw unreadable('a funder', value);
}

/** A channel before any money is in it. The one who was asked orders. */
function recordOf(
  us: Party,
  { terms, vault, funder }: { readonly terms: ChannelTerms; readonly vault: string; readonly funder: Party },
  signatures: readonly [StateSignature, StateSignature],
): ChannelRecord {
  return {
    ...{ terms, vault, party: us, isOrderer: us === 'b' },
    newest: { state: firstState(funder), signatures },
    ...{ asked: [], capacity: 0n, isMoving: false, isClosing: false },
  };
}

function requireSigned(keys: StateKeys, hash: string, signature: StateSignature, expected: Address): void {
  const signer = keys.recover(hash, signature);
  if (isSameAddress(signer, expected)) return;
  const reason = `its first state is signed by ${signer}, not by ${expected}`;
  throw new RollupError('CHANNEL_PEER_WRONG', `a channel cannot be opened: ${reason}`, { reason });
}

/**
 * Opens a channel. Resolves with its vault once both have it on disk; then its account can be paid.
 *
 * @throws RollupError as the other party refuses it, OUT_OF_RANGE for terms that make no channel, CHANNEL_PEER_WRONG, INVALID_KEY.
 */
export async function openChannel(
  parts: OpeningParts,
  peer: WirePeer,
  b: Address,
  request: OpenRequest,
): Promise<string> {
  const { us: a, channels, implementation, keys, exchange, accounts } = parts;
  const { tokenId, period, funder } = request;
  const nonce = BigInt(`0x${bytesToHex(randomBytes(8))}`);
  const terms: ChannelTerms = { tokenId, a, b, period, nonce };
  const vault = channelVault(channels, implementation, terms);
  const making = makeJointKey('a');
  const hash = keys.hash(vault, firstState(funder));
  const ours = keys.sign(hash);
  const opening = { terms: encodeTerms(terms), funder, amount: request.amount.toString() };
  const answer = object(
    'an answer',
    await peer.request('channel_open', { ...opening, first: encodeFirst(making.first), signature: ours }),
  );
  const second = making.second(decodeFirst(answer['first']));
  const joint = making.finish(decodeSecond(answer['second']));
  const theirs = readSignature(answer['signature']);
  requireSigned(keys, hash, theirs, b);
  // It has its half now; what is lost from here on is a channel without money.
  await peer.request('channel_key', { vault, second: encodeSecond(second) });
  const account = { joint, funder, amount: request.amount, isConfirmed: true, isFunded: false, openedAt: keys.now() };
  await accounts.put(vault, account);
  await exchange.add(recordOf('a', { terms, vault, funder }, [ours, theirs]));
  await peer.request('channel_opened', { vault });
  return vault;
}

/** A second channel with the same terms would take the place of the first one's key. */
function requireUnknown(exchange: Exchange, vault: string): void {
  if (exchange.record(vault) === undefined) return;
  const message = `there is a channel with vault ${vault} already; take another nonce`;
  throw new RollupError('CHANNEL_CHANGE_REFUSED', message, { reason: 'known' });
}

/** An opening that was answered, and waits for the opener's half of the key. */
interface Begun {
  readonly terms: ChannelTerms;
  readonly vault: string;
  readonly request: OpenRequest;
  readonly making: JointKeyMaking;
  readonly signatures: readonly [StateSignature, StateSignature];
  /** Unix seconds. */
  readonly at: number;
}

/** Seconds in which the second half of a key comes, or not at all: what was judged is of then. */
const MOST_SECONDS = 60;

/** Answers openings on one connection: one at a time. @param peer who is there. */
export function createOpeningAnswers(
  parts: OpeningParts,
  peer: Address,
  { judge, opened }: { readonly judge: JudgeOpening; readonly opened: (vault: string) => void },
) {
  const { us, channels, implementation, keys, exchange, accounts } = parts;
  let begun: Begun | undefined;
  let adding: Promise<void> = Promise.resolve();

  async function open(params: Json) {
    const read = object('an opening', params);
    const terms = decodeTerms(read['terms']);
    const request = {
      ...{ tokenId: terms.tokenId, period: terms.period },
      ...{ amount: amount('an amount', read['amount']), funder: party(read['funder']) },
    };
    if (!isSameAddress(terms.a, peer) || !isSameAddress(terms.b, us)) {
      throw unreadable('the parties of a channel', [terms.a, terms.b]);
    }
    const theirFirst = decodeFirst(read['first']);
    await judge(peer, request);
    const vault = channelVault(channels, implementation, terms);
    requireUnknown(exchange, vault);
    const hash = keys.hash(vault, firstState(request.funder));
    const theirs = readSignature(read['signature']);
    requireSigned(keys, hash, theirs, peer);
    const making = makeJointKey('b');
    const second = making.second(theirFirst);
    const ours = keys.sign(hash);
    begun = { terms, vault, request, making, signatures: [theirs, ours], at: keys.now() };
    return { first: encodeFirst(making.first), second: encodeSecond(second), signature: ours };
  }

  async function finish(params: Json) {
    const read = object('a half of a key', params);
    const vault = bytes20(read['vault']);
    if (begun?.vault !== vault) throw unreadable('the vault', vault);
    const one = begun;
    begun = undefined;
    if (keys.now() - one.at > MOST_SECONDS)
      throw unreadable('the second half of a key, by its time', keys.now() - one.at);
    const joint = one.making.finish(decodeSecond(read['second']));
    // One after the other: each is judged by all that there is with this party then.
    adding = adding.catch(() => undefined).then(() => add(one, joint));
    await adding;
    return null;
  }

  async function add({ terms, vault, request, signatures }: Begun, joint: JointKey): Promise<void> {
    requireUnknown(exchange, vault);
    await judge(peer, request);
    const { funder } = request;
    const [isConfirmed, isFunded, openedAt] = [false, false, keys.now()];
    await accounts.put(vault, { joint, funder, amount: request.amount, isConfirmed, isFunded, openedAt });
    await exchange.add(recordOf('b', { terms, vault, funder }, signatures));
  }

  async function confirm(params: Json) {
    const vault = bytes20(object('a confirmation', params)['vault']);
    const account = accounts.get(vault);
    const record = exchange.record(vault);
    if (account === undefined || record === undefined || !isSameAddress(record.terms.a, peer)) {
      throw new RollupError('NOT_FOUND', `there is no channel with vault ${vault} here`, { actual: vault });
    }
    if (!account.isConfirmed) await accounts.put(vault, { ...account, isConfirmed: true });
    opened(vault);
    return null;
  }

  return { channel_open: open, channel_key: finish, channel_opened: confirm };
}

/** The name of a vault in a message. @throws RollupError CHANNEL_PEER_WRONG. */
export const bytes20 = (value: Json): string => address('a vault', value).toLowerCase();
