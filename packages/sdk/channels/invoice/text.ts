/**
 * Invoices as text: what a payee asks to be paid over channels, signed by it, so that nobody on the way changes the hash, the hub or
 * the amount. One invoice has one text. Source: docs/channels.md, Invoices.
 */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import {
  type Address,
  type Bytes32,
  type ChannelContract,
  isPartyUrl,
  isSameAddress,
  MAX_PARTY_URL,
  RollupError,
  type StateSignature,
} from '@quittance/protocol';
import type { StateKeys } from '../side/index.ts';

/** A hub that the payee has a channel with. */
export interface InvoiceHub {
  readonly address: Address;
  /** Where it is reached: ws: or wss:. */
  readonly url: string;
}

/** What a payee asks for. Addresses are in lower case. */
export interface ChannelInvoice {
  readonly contract: ChannelContract;
  readonly payee: Address;
  readonly tokenId: number;
  /** Base units, above 0 and below 2^128. */
  readonly amount: bigint;
  /** sha256 of the secret that is the receipt. */
  readonly hash: Bytes32;
  /** The last second in which it can be paid, in Unix seconds. */
  readonly expiresAt: number;
  /** None when it is paid in a channel with the payee itself. */
  readonly hubs: readonly InvoiceHub[];
  /** What it is for: at most 140 bytes of UTF-8, no control characters; may be empty. */
  readonly memo: string;
}

/** Bounds of an invoice. */
export const INVOICE_LIMITS = { hubs: 3, memoBytes: 140, urlCharacters: MAX_PARTY_URL, characters: 2_048 } as const;

/** How the text of every invoice begins. */
export const INVOICE_SCHEME = 'quittance-channel:';

function invalid(reason: string): RollupError<'CHANNEL_INVOICE_INVALID'> {
  return new RollupError('CHANNEL_INVOICE_INVALID', `this is no invoice that can be paid: ${reason}`, { reason });
}

const isAddress = (text: string): boolean => /^0x[0-9a-f]{40}$/.test(text);
const isHash = (text: string): boolean => /^0x[0-9a-f]{64}$/.test(text);

function isMemo(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text) && utf8ToBytes(text).length <= INVOICE_LIMITS.memoBytes;
}

/** @throws RollupError CHANNEL_INVOICE_INVALID. */
function requireInvoice({ contract, payee, tokenId, amount, hash, expiresAt, hubs, memo }: ChannelInvoice): void {
  const { chainId, channels } = contract;
  if (chainId < 1n || chainId >> 64n !== 0n) throw invalid(`its chain is ${chainId}`);
  if (!isAddress(channels)) throw invalid(`its contract is "${channels}"`);
  if (!isAddress(payee)) throw invalid(`its payee is "${payee}"`);
  if (!Number.isSafeInteger(tokenId) || tokenId < 0 || tokenId >= 2 ** 32) throw invalid(`its token is ${tokenId}`);
  if (amount < 1n || amount >> 128n !== 0n) throw invalid(`its amount is ${amount}`);
  if (!isHash(hash)) throw invalid(`its hash is "${hash}"`);
  if (!Number.isSafeInteger(expiresAt) || expiresAt < 0 || expiresAt >= 2 ** 40)
    throw invalid(`it expires at ${expiresAt}`);
  if (hubs.length > INVOICE_LIMITS.hubs) throw invalid(`it has ${hubs.length} hubs, at most ${INVOICE_LIMITS.hubs}`);
  for (const { address, url } of hubs) {
    if (!isAddress(address)) throw invalid(`a hub is "${address}"`);
    if (!isPartyUrl(url)) throw invalid(`a hub is reached at "${url.slice(0, 80)}"`);
  }
  if (!isMemo(memo)) throw invalid(`its memo has more than ${INVOICE_LIMITS.memoBytes} bytes, or control characters`);
}

/** All but the signature: what is signed. */
function unsignedText({ contract, payee, tokenId, amount, hash, expiresAt, hubs, memo }: ChannelInvoice): string {
  const members: readonly (readonly [string, string])[] = [
    ['chain', contract.chainId.toString()],
    ['channels', contract.channels],
    ['token', tokenId.toString()],
    ['amount', amount.toString()],
    ['hash', hash],
    ['expires', expiresAt.toString()],
    ...hubs.map(({ address, url }) => ['hub', `${address}@${encodeURIComponent(url)}`] as const),
    ...(memo === '' ? [] : [['memo', encodeURIComponent(memo)] as const]),
  ];
  return `${INVOICE_SCHEME}${payee}?${members.map(([name, value]) => `${name}=${value}`).join('&')}`;
}

/** What the payee signs: the text as EIP-191 has it, so that a wallet shows what it signs. */
function signedHash(text: string): Bytes32 {
  const bytes = utf8ToBytes(text);
  return `0x${bytesToHex(keccak_256(Uint8Array.of(0x19, ...utf8ToBytes(`Ethereum Signed Message:\n${bytes.length}`), ...bytes)))}`;
}

/** The text of an invoice. @throws RollupError CHANNEL_INVOICE_INVALID. */
export function encodeInvoice(invoice: ChannelInvoice, { sign }: Pick<StateKeys, 'sign'>): string {
  requireInvoice(invoice);
  const text = unsignedText(invoice);
  const { v, r, s } = sign(signedHash(text));
  return `${text}&signature=0x${r.slice(2)}${s.slice(2)}${v.toString(16).padStart(2, '0')}`;
}

const decimal = (text: string | undefined): bigint => {
  if (text === undefined || !/^(?:0|[1-9][0-9]{0,38})$/.test(text)) throw invalid('a number in it is none');
  return BigInt(text);
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('a text in it is not encoded');
  }
}

function readHub(text: string): InvoiceHub {
  const at = text.indexOf('@');
  if (at < 0) throw invalid('a hub in it has no address or no URL');
  return { address: text.slice(0, at), url: decoded(text.slice(at + 1)) };
}

function readSignature(text: string | undefined): StateSignature {
  if (text === undefined || !/^0x[0-9a-f]{130}$/.test(text)) throw invalid('it is not signed');
  const digits = text.slice(2);
  return {
    r: `0x${digits.slice(0, 64)}`,
    s: `0x${digits.slice(64, 128)}`,
    v: Number.parseInt(digits.slice(128), 16),
  };
}

function read(text: string): { readonly invoice: ChannelInvoice; readonly signature: StateSignature } {
  if (text.length > INVOICE_LIMITS.characters) throw invalid(`it has ${text.length} characters`);
  const [head, ...rest] = text.split('?');
  if (!head!.startsWith(INVOICE_SCHEME) || rest.length !== 1) throw invalid(`it does not begin with ${INVOICE_SCHEME}`);
  const members = rest[0]!.split('&').map((member) => {
    const at = member.indexOf('=');
    return [member.slice(0, Math.max(0, at)), member.slice(at + 1)] as const;
  });
  const one = (name: string): string | undefined => members.find(([found]) => found === name)?.[1];
  const memo = one('memo');
  const invoice: ChannelInvoice = {
    contract: { chainId: decimal(one('chain')), channels: one('channels') ?? '' },
    payee: head!.slice(INVOICE_SCHEME.length),
    tokenId: Number(decimal(one('token'))),
    amount: decimal(one('amount')),
    hash: one('hash') ?? '',
    expiresAt: Number(decimal(one('expires'))),
    hubs: members.filter(([name]) => name === 'hub').map(([, value]) => readHub(value)),
    memo: memo === undefined ? '' : decoded(memo),
  };
  return { invoice, signature: readSignature(one('signature')) };
}

/**
 * Reads an invoice, and sees that its payee signed all of it. Whether it can still be paid, and is of our channels, is seen when it
 * is paid.
 *
 * @throws RollupError CHANNEL_INVOICE_INVALID for what is not the one text of an invoice, or not signed by its payee.
 */
export function parseInvoice(text: string, { recover }: Pick<StateKeys, 'recover'>): ChannelInvoice {
  const { invoice, signature } = read(text);
  requireInvoice(invoice);
  const unsigned = unsignedText(invoice);
  // Of two texts with one meaning, only one is an invoice: whoever compares texts compares invoices.
  if (!text.startsWith(`${unsigned}&signature=`) || text.length !== unsigned.length + '&signature=0x'.length + 130) {
    throw invalid('it is not written as invoices are');
  }
  let signer: string;
  try {
    signer = recover(signedHash(unsigned), signature);
  } catch (error) {
    throw new RollupError(
      'CHANNEL_INVOICE_INVALID',
      'this is no invoice that can be paid: its signature is none',
      {
        reason: 'its signature is none',
      },
      { cause: error },
    );
  }
  if (!isSameAddress(signer, invoice.payee)) throw invalid(`it is signed by ${signer}, not by its payee`);
  return invoice;
}
