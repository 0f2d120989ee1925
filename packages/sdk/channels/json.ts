/**
 * Channels as JSON: amounts are decimal texts, everything else is as it is. What is read comes from the other party or from a
 * disk: it is looked at member by member, and nothing else gets through.
 */

import {
  type ChannelChange,
  type ChannelHop,
  type ChannelRole,
  type ChannelState,
  type Htlc,
  MAX_HOPS,
  MAX_HTLCS,
  RELEASE_REASON,
  type StateSignature,
} from '@quittance/protocol';
import type { HtlcEnd, KeptHtlc, KeptInvoice, KeptPayment } from './exchange/index.ts';
import { address, amount, bytes32, count, flag, type Json, list, object, pattern, unreadable } from './read-json.ts';
import type { ChannelMessage, ChannelRecord, SignedState } from './record.ts';
import { MOST_ASKED } from './side/index.ts';

function role(value: Json): ChannelRole {
  if (value === 'senior' || value === 'residual') return value;
  throw unreadable('by', value);
}

function htlc(value: Json): Omit<Htlc, 'toSenior'> {
  const { hash, amount: locked, expiry } = object('an HTLC', value);
  return { hash: bytes32('a hash', hash), amount: amount('an amount', locked), expiry: count('an expiry', expiry, 40) };
}

/** A signature of a state. @throws RollupError CHANNEL_PEER_WRONG. */
export function signature(value: Json): StateSignature {
  const { v, r, s } = object('a signature', value);
  return { v: count('v', v, 8), r: bytes32('r', r), s: bytes32('s', s) };
}

function state(value: Json): ChannelState {
  const { version, claim, residualIsB, htlcs } = object('a state', value);
  return {
    version: count('a version', version, 48),
    claim: amount('a claim', claim),
    residualIsB: flag('residualIsB', residualIsB),
    htlcs: list('HTLCs', htlcs, MAX_HTLCS, (item) => ({
      ...htlc(item),
      toSenior: flag('toSenior', object('an HTLC', item)['toSenior']),
    })),
  };
}

function signed(value: Json): SignedState {
  const { state: content, signatures } = object('a signed state', value);
  const [a, b, ...rest] = list('signatures', signatures, 2, signature);
  if (a === undefined || b === undefined || rest.length > 0) throw unreadable('signatures', signatures);
  return { state: state(content), signatures: [a, b] };
}

/** The hops of an onward route. @throws RollupError CHANNEL_PEER_WRONG. */
const onward = (value: Json): ChannelHop[] =>
  list('hops', value, MAX_HOPS, (item) => {
    const read = object('a hop', item);
    return {
      to: address('the party of a hop', read['to']),
      amount: amount('an amount', read['amount']),
      expiry: count('an expiry', read['expiry'], 40),
    };
  });

const reason = (value: Json): string => pattern('a reason', value, RELEASE_REASON);

/** A member that may be missing. */
function optional<Name extends string, T>(name: Name, value: Json, read: (value: Json) => T): { [Key in Name]?: T } {
  return (value === undefined ? {} : { [name]: read(value) }) as { [Key in Name]?: T };
}

function change(value: Json): ChannelChange {
  const read = object('a change', value);
  const by = role(read['by']);
  switch (read['type']) {
    case 'pay':
      return { type: 'pay', by, id: bytes32('an id', read['id']), amount: amount('an amount', read['amount']) };
    case 'lock':
      return { type: 'lock', by, htlc: htlc(read['htlc']), ...optional('onward', read['onward'], onward) };
    case 'fulfill':
      return { type: 'fulfill', by, secret: bytes32('a secret', read['secret']) };
    case 'release':
      return {
        type: 'release',
        by,
        hash: bytes32('a hash', read['hash']),
        ...optional('reason', read['reason'], reason),
      };
    case 'swap':
      return { type: 'swap', by, capacity: amount('a capacity', read['capacity']) };
    default:
      throw unreadable('the type of a change', read['type']);
  }
}

const changes = (value: Json): ChannelChange[] => list('changes', value, MOST_ASKED, change);

/** A message, read from JSON. @throws RollupError CHANNEL_PEER_WRONG when it is none. */
export function decodeChannelMessage(value: Json): ChannelMessage {
  const read = object('a message', value);
  switch (read['type']) {
    case 'hello':
      return { type: 'hello', newest: signed(read['newest']) };
    case 'ask':
      return { type: 'ask', changes: changes(read['changes']) };
    case 'propose': {
      const version = count('a version', read['version'], 48);
      return { type: 'propose', version, changes: changes(read['changes']), signature: signature(read['signature']) };
    }
    case 'sign':
      return {
        type: 'sign',
        version: count('a version', read['version'], 48),
        signature: signature(read['signature']),
      };
    case 'refuse': {
      const [key, code, message] = ['key', 'code', 'message'].map((name) => pattern(name, read[name], /^.{1,512}$/su));
      return { type: 'refuse', key: key!, code: code!, message: message! };
    }
    default:
      throw unreadable('the type of a message', read['type']);
  }
}

/** A channel as it was written down. @throws RollupError CHANNEL_PEER_WRONG when it is none. */
export function decodeChannelRecord(value: Json): ChannelRecord {
  const read = object('a channel', value);
  const terms = object('terms', read['terms']);
  const proposal = read['proposal'] === undefined ? undefined : object('a proposal', read['proposal']);
  const party = read['party'];
  if (party !== 'a' && party !== 'b') throw unreadable('party', party);
  return {
    terms: {
      tokenId: count('a token', terms['tokenId'], 32),
      a: address('a', terms['a']),
      b: address('b', terms['b']),
      period: count('a period', terms['period'], 40),
      nonce: amount('a nonce', terms['nonce'], 64),
    },
    vault: address('a vault', read['vault']),
    party,
    isOrderer: flag('isOrderer', read['isOrderer']),
    newest: signed(read['newest']),
    ...(proposal === undefined
      ? {}
      : {
          proposal: {
            state: state(proposal['state']),
            changes: changes(proposal['changes']),
            signature: signature(proposal['signature']),
          },
        }),
    asked: changes(read['asked']),
    capacity: amount('a capacity', read['capacity']),
    isMoving: flag('isMoving', read['isMoving']),
    isClosing: flag('isClosing', read['isClosing']),
  };
}

const version = (value: Json): number => count('a version', value, 48);
const seconds = (value: Json): number => count('a time', value, 40);

function htlcEnd(value: Json): HtlcEnd {
  const read = object('an end', value);
  switch (read['type']) {
    case 'fulfill':
      return { type: 'fulfill', version: version(read['version']), secret: bytes32('a secret', read['secret']) };
    case 'release':
      return { type: 'release', version: version(read['version']), ...optional('reason', read['reason'], reason) };
    case 'forgotten':
      return { type: 'forgotten' };
    default:
      throw unreadable('how an HTLC ended', read['type']);
  }
}

/** An HTLC as it was kept. @throws RollupError CHANNEL_PEER_WRONG when it is none, as the next two. */
export function decodeKeptHtlc(value: Json): KeptHtlc {
  const read = object('an HTLC', value);
  return {
    ...htlc(read),
    vault: address('a vault', read['vault']),
    isOutgoing: flag('isOutgoing', read['isOutgoing']),
    onward: onward(read['onward']),
    version: version(read['version']),
    order: count('an order', read['order'], 53),
    ...optional('end', read['end'], htlcEnd),
  };
}

/** An invoice as it was kept. */
export function decodeKeptInvoice(value: Json): KeptInvoice {
  const read = object('an invoice', value);
  return {
    hash: bytes32('a hash', read['hash']),
    secret: bytes32('a secret', read['secret']),
    tokenId: count('a token', read['tokenId'], 32),
    amount: amount('an amount', read['amount']),
    memo: pattern('a memo', read['memo'], /^.{0,140}$/su),
    expiresAt: seconds(read['expiresAt']),
    ...optional('isShown', read['isShown'], (member) => flag('isShown', member)),
    ...optional('paid', read['paid'], (paid) => {
      const how = object('how it was paid', paid);
      return { vault: address('a vault', how['vault']), version: version(how['version']), at: seconds(how['at']) };
    }),
  };
}

/** A payment as it was kept. */
export function decodeKeptPayment(value: Json): KeptPayment {
  const read = object('a payment', value);
  return {
    hash: bytes32('a hash', read['hash']),
    invoice: pattern('an invoice', read['invoice'], /^.{0,4096}$/su),
    vault: address('a vault', read['vault']),
    amount: amount('an amount', read['amount']),
    at: seconds(read['at']),
    ...optional('isUncertain', read['isUncertain'], (member) => flag('isUncertain', member)),
    ...optional('receipt', read['receipt'], (receipt) => {
      const how = object('a receipt', receipt);
      return { secret: bytes32('a secret', how['secret']), version: version(how['version']), at: seconds(how['at']) };
    }),
  };
}

/** A message, a record, or what else is kept, as JSON text. */
export function encodeChannelJson(
  value: ChannelMessage | ChannelRecord | KeptHtlc | KeptInvoice | KeptPayment,
): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
}
