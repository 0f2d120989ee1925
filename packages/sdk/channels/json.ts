/**
 * Channels as JSON: amounts are decimal texts, everything else is as it is. What is read comes from the other party or from a
 * disk: it is looked at member by member, and nothing else gets through.
 */

import {
  type ChannelChange,
  type ChannelRole,
  type ChannelState,
  type Htlc,
  MAX_HTLCS,
  RollupError,
  type StateSignature,
} from '@quittance/protocol';
import type { ChannelMessage, ChannelRecord, SignedState } from './record.ts';
import { MOST_ASKED } from './side/index.ts';

/** What JSON.parse gives. */
type Json = unknown;

function unreadable(what: string, actual: Json): RollupError<'CHANNEL_PEER_WRONG'> {
  const text = String(JSON.stringify(actual)).slice(0, 80);
  const reason = `${what} is ${text}`;
  return new RollupError('CHANNEL_PEER_WRONG', `a message of a channel cannot be read: ${reason}`, { reason });
}

function object(what: string, value: Json): Readonly<Record<string, Json>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable(what, value);
  return value as Record<string, Json>;
}

function list<T>(what: string, value: Json, most: number, read: (item: Json) => T): T[] {
  if (!Array.isArray(value) || value.length > most) throw unreadable(what, Array.isArray(value) ? value.length : value);
  return value.map(read);
}

function count(what: string, value: Json, bits: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 2 ** bits) return value;
  throw unreadable(what, value);
}

function amount(what: string, value: Json, bits = 128): bigint {
  if (typeof value !== 'string' || !/^(0|[1-9][0-9]{0,38})$/.test(value)) throw unreadable(what, value);
  const number = BigInt(value);
  if (number >> BigInt(bits) !== 0n) throw unreadable(what, value);
  return number;
}

function flag(what: string, value: Json): boolean {
  if (typeof value !== 'boolean') throw unreadable(what, value);
  return value;
}

function pattern(what: string, value: Json, form: RegExp): string {
  if (typeof value !== 'string' || !form.test(value)) throw unreadable(what, value);
  return value;
}

const bytes32 = (what: string, value: Json): string => pattern(what, value, /^0x[0-9a-f]{64}$/);
const address = (what: string, value: Json): string => pattern(what, value, /^0x[0-9a-fA-F]{40}$/);

function role(value: Json): ChannelRole {
  if (value === 'senior' || value === 'residual') return value;
  throw unreadable('by', value);
}

function htlc(value: Json): Omit<Htlc, 'toSenior'> {
  const { hash, amount: locked, expiry } = object('an HTLC', value);
  return { hash: bytes32('a hash', hash), amount: amount('an amount', locked), expiry: count('an expiry', expiry, 40) };
}

function signature(value: Json): StateSignature {
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

function change(value: Json): ChannelChange {
  const read = object('a change', value);
  const by = role(read['by']);
  switch (read['type']) {
    case 'pay':
      return { type: 'pay', by, id: bytes32('an id', read['id']), amount: amount('an amount', read['amount']) };
    case 'lock':
      return { type: 'lock', by, htlc: htlc(read['htlc']) };
    case 'fulfill':
      return { type: 'fulfill', by, secret: bytes32('a secret', read['secret']) };
    case 'release':
      return { type: 'release', by, hash: bytes32('a hash', read['hash']) };
    case 'swap':
      return { type: 'swap', by };
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

/** A message or a record as JSON text. */
export function encodeChannelJson(value: ChannelMessage | ChannelRecord): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === 'bigint' ? part.toString() : part));
}
