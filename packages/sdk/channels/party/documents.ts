/** What a party keeps of a channel beside its states: the account, its share of the key, and how it is being closed. */

import { type Address, isPartyUrl, RollupError, type Signature } from '@quittance/protocol';
import type { JointKey, Party } from '../joint-key.ts';
import { address, amount, count, flag, type Json, list, object, pattern, unreadable } from '../read-json.ts';
import { decodeJointKey, encodeJointKey } from './joint-json.ts';

/** Where documents are kept, each by its kind and its vault; those of parties by the address of the party. */
export interface ChannelDocuments {
  /** All of a kind. @throws RollupError DATABASE_DAMAGED. */
  all(kind: DocumentKind): Promise<readonly (readonly [vault: string, text: string])[]>;
  /** Durable when it resolves. @throws RollupError DISK_FULL or DATABASE_DAMAGED. */
  put(kind: DocumentKind, vault: string, text: string): Promise<void>;
  remove(kind: DocumentKind, vault: string): Promise<void>;
}

/** What a document is of. */
export type DocumentKind = 'account' | 'closing' | 'peer';

/** How another party is reached. Kept under its address, in lower case. */
export interface PartyPeer {
  /** Where we connect: ws: or wss:. */
  readonly url: string;
  /** What it tells others to use, and invoices name; the same if not given. */
  readonly advertised?: string;
}

/** The account of a channel. */
export interface ChannelAccount {
  readonly joint: JointKey;
  /** Whose money it is at first. */
  readonly funder: Party;
  /** Base units that the funder said it will pay in. */
  readonly amount: bigint;
  /** Whether the other party has the first state with both signatures: then money may come. */
  readonly isConfirmed: boolean;
  /** The transfer that pays our money in, signed: sent again until the sequencer has it. */
  readonly funding?: string;
  /** Whether the sequencer has it. */
  readonly isFunded: boolean;
  /** Unix seconds. */
  readonly openedAt: number;
  /** Leaf of the account, once it is final. */
  readonly index?: number;
  /** The final batch after which its balance was seen to be another one, the last time. */
  readonly seen?: number;
}

/** Who is paid at a close: an account, or a key that has none yet. */
export interface ChannelReceiver {
  readonly index?: number;
  readonly keyY: bigint;
  readonly owner: bigint;
}

/** A transfer of the channel's account that closes it. */
export interface ClosingTransfer {
  readonly to: ChannelReceiver;
  readonly amount: bigint;
  readonly nonce: number;
  /** Of both together. */
  readonly signature?: Signature;
}

/** How a channel is closed by both. */
export interface ChannelClosing {
  /** Of the state that it follows. */
  readonly version: number;
  readonly fee: bigint;
  /** Unix seconds. */
  readonly validUntil: number;
  /** In the order of their nonces. */
  readonly transfers: readonly ClosingTransfer[];
  /** Whether our share of a transfer was given that has another one behind it. */
  readonly isShared?: boolean;
  /** All of it was paid, and is final. */
  readonly isFinal: boolean;
}

const bigintText = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** JSON text. */
export function encodeAccount({ joint, ...rest }: ChannelAccount): string {
  return JSON.stringify({ ...rest, joint: encodeJointKey(joint) }, bigintText);
}

/** JSON text. */
export function encodeClosing(closing: ChannelClosing): string {
  return JSON.stringify(closing, bigintText);
}

function party(value: Json): Party {
  if (value === 'a' || value === 'b') return value;
  throw unreadable('a party', value);
}

/** Field elements have 254 bits. */
function element(what: string, value: Json): bigint {
  return BigInt(pattern(what, value, /^(0|[1-9][0-9]{0,76})$/));
}

const optional = <T>(value: Json, read: (value: Json) => T): T | undefined =>
  value === undefined ? undefined : read(value);

/** @throws RollupError CHANNEL_PEER_WRONG when it is none. */
export function decodeAccount(text: string): ChannelAccount {
  const read = object('an account of a channel', JSON.parse(text));
  const index = optional(read['index'], (value) => count('an index', value, 24));
  const seen = optional(read['seen'], (value) => count('a batch', value, 53));
  const funding = optional(read['funding'], (value) => pattern('a transfer', value, /^.{1,8192}$/su));
  return {
    joint: decodeJointKey(read['joint']),
    funder: party(read['funder']),
    amount: amount('an amount', read['amount']),
    isConfirmed: flag('isConfirmed', read['isConfirmed']),
    isFunded: flag('isFunded', read['isFunded']),
    openedAt: count('a time', read['openedAt'], 40),
    ...(funding === undefined ? {} : { funding }),
    ...(index === undefined ? {} : { index }),
    ...(seen === undefined ? {} : { seen }),
  };
}

/** Who is paid, as JSON. @throws RollupError CHANNEL_PEER_WRONG when it is none. */
export function decodeReceiver(value: Json): ChannelReceiver {
  const read = object('a receiver', value);
  const index = optional(read['index'], (one) => count('an index', one, 24));
  const keyY = element('a key', read['keyY']);
  return { ...(index === undefined ? {} : { index }), keyY, owner: BigInt(address('an owner', read['owner'])) };
}

/** The same for the other party. */
export function encodeReceiver({ index, keyY, owner }: ChannelReceiver) {
  const text: Address = `0x${owner.toString(16).padStart(40, '0')}`;
  return { ...(index === undefined ? {} : { index }), keyY: keyY.toString(), owner: text };
}

function signature(value: Json): Signature {
  const { r8, s } = object('a signature', value);
  const { x, y } = object('a point', r8);
  return { r8: { x: element('x', x), y: element('y', y) }, s: element('s', s) };
}

function transfer(value: Json): ClosingTransfer {
  const read = object('a transfer', value);
  const to = object('a receiver', read['to']);
  const index = optional(to['index'], (one) => count('an index', one, 24));
  const made = optional(read['signature'], signature);
  return {
    to: {
      ...(index === undefined ? {} : { index }),
      keyY: element('a key', to['keyY']),
      owner: element('an owner', to['owner']),
    },
    amount: amount('an amount', read['amount']),
    nonce: count('a nonce', read['nonce'], 32),
    ...(made === undefined ? {} : { signature: made }),
  };
}

/** @throws RollupError CHANNEL_PEER_WRONG when it is none. */
export function decodeClosing(text: string): ChannelClosing {
  const read = object('a close', JSON.parse(text));
  return {
    version: count('a version', read['version'], 48),
    fee: amount('a fee', read['fee']),
    validUntil: count('a time', read['validUntil'], 40),
    transfers: list('transfers', read['transfers'], 2, transfer),
    ...(read['isShared'] === true ? { isShared: true } : {}),
    isFinal: flag('isFinal', read['isFinal']),
  };
}

/** The URL of a party, which an invoice can name. @throws RollupError CHANNEL_PEER_WRONG. */
export function partyUrl(value: Json): string {
  if (typeof value === 'string' && isPartyUrl(value)) return value;
  throw unreadable('a URL', value);
}

/** @throws RollupError CHANNEL_PEER_WRONG when it is none. */
function decodePeer(text: string): PartyPeer {
  const read = object('a party', JSON.parse(text));
  const advertised = optional(read['advertised'], partyUrl);
  return { url: partyUrl(read['url']), ...(advertised === undefined ? {} : { advertised }) };
}

/** What is kept of one kind, in memory and on disk. */
export interface Kept<T> {
  get(vault: string): T | undefined;
  entries(): IterableIterator<[string, T]>;
  /** Durable when it resolves; seen by `get` from then on. */
  put(vault: string, value: T): Promise<void>;
  remove(vault: string): Promise<void>;
}

/** All documents of a kind. @throws RollupError as `ChannelDocuments.all`. */
export async function openKept<T>(
  documents: ChannelDocuments,
  kind: DocumentKind,
  { encode, decode }: { readonly encode: (value: T) => string; readonly decode: (text: string) => T },
): Promise<Kept<T>> {
  const values = new Map<string, T>();
  for (const [vault, text] of await documents.all(kind)) {
    try {
      values.set(vault, decode(text));
    } catch (error) {
      const message = `what is kept of the channel ${vault} cannot be read: ${(error as Error).message}; restore a copy`;
      throw new RollupError('DATABASE_DAMAGED', message, { file: kind } as never, { cause: error });
    }
  }
  return {
    get: (vault) => values.get(vault),
    entries: () => values.entries(),
    async put(vault, value) {
      await documents.put(kind, vault, encode(value));
      values.set(vault, value);
    },
    async remove(vault) {
      await documents.remove(kind, vault);
      values.delete(vault);
    },
  };
}

/** How other parties are reached, by their addresses in lower case. @throws RollupError as `openKept`. */
export const openPeers = (documents: ChannelDocuments): Promise<Kept<PartyPeer>> =>
  openKept<PartyPeer>(documents, 'peer', { encode: (peer) => JSON.stringify(peer), decode: decodePeer });
