/** The EIP-712 hash of a channel's state, and the address of its vault. */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { isSameAddress, requireAddress } from '../address.ts';
import { type AbiWord, type Bytes32, encodeWord, encodeWords, keccak, keccakText } from '../batch/index.ts';
import { RollupError } from '../errors/index.ts';
import { viewOf } from '../little-endian.ts';
import { WORD_BYTES } from '../params.ts';
import {
  type Address,
  CHANNEL_PERIOD,
  type ChannelContract,
  type ChannelState,
  type ChannelTerms,
  MAX_HTLCS,
} from './types.ts';

const HTLC = 'Htlc(bytes32 hash,uint128 amount,uint40 expiry,bool toSenior)';
const STATE = `ChannelState(address vault,uint48 version,uint128 claim,bool residualIsB,Htlc[] htlcs)${HTLC}`;
const LOGIN = 'ChannelLogin(address from,address to,bytes32 challenge)';
const DOMAIN = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)';
const HTLC_TYPE = encodeWord(keccakText(HTLC));
const STATE_TYPE = encodeWord(keccakText(STATE));
const LOGIN_TYPEHASH = keccakText(LOGIN);
const DOMAIN_TYPEHASH = keccakText(DOMAIN);
const NAME_HASH = keccakText('Quittance Channels');
const VERSION_HASH = keccakText('1');

const hashWords = (...words: AbiWord[]): Bytes32 => keccak(encodeWords(words));
const bytesOf = (hexadecimal: string): Uint8Array => hexToBytes(hexadecimal.slice(2));

/** @throws RollupError OUT_OF_RANGE. */
function requireBits(what: string, value: bigint | number, bits: number): void {
  const isExact = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (isExact && value >= 0 && BigInt(value) >> BigInt(bits) === 0n) return;
  throw new RollupError('OUT_OF_RANGE', `${what} of a channel is ${value}, 0 to 2^${bits} − 1 are possible`, {
    actual: value,
  });
}

/** 0x19 0x01 and the hash of the domain. Twin: native/core/src/channels/hash.rs PREFIX_BYTES. */
const PREFIX_BYTES = 34;
/** Five words: the type's hash and four values. Twin: native/core/src/channels/hash.rs STRUCT_BYTES. */
const STRUCT_BYTES = 160;

/** Writes a struct as words: its type, one word, and three integers below 2^128. Quick: a state may have many. */
function writeStruct(
  encoded: Uint8Array,
  at: number,
  type: Uint8Array,
  first: AbiWord,
  integers: readonly [bigint | number, bigint | number, bigint | number],
): void {
  encoded.set(type, at);
  encoded.set(encodeWord(first), at + WORD_BYTES);
  const view = viewOf(encoded);
  integers.forEach((value, position) => {
    const middle = at + (2 + position) * WORD_BYTES + WORD_BYTES / 2;
    view.setBigUint64(middle, BigInt(value) >> 64n);
    view.setBigUint64(middle + 8, BigInt(value)); // takes the low 64 bits
  });
}

/** What comes before each struct, of contracts that were seen: it depends on nothing else. */
const PREFIXES = new WeakMap<ChannelContract, Uint8Array>();

/** The first bytes of what is signed in the domain of these channels. @throws RollupError INVALID_ADDRESS. */
function prefixOf(contract: ChannelContract): Uint8Array {
  const known = PREFIXES.get(contract);
  if (known !== undefined) return known;
  const { chainId, channels } = contract;
  const domain = hashWords(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, chainId, requireAddress('channels', channels));
  const prefix = concatBytes(Uint8Array.of(0x19, 0x01), bytesOf(domain));
  PREFIXES.set(contract, prefix);
  return prefix;
}

/** What is signed of a struct: EIP-712, in the domain of these channels. */
function typedHash(contract: ChannelContract, struct: Bytes32): Bytes32 {
  return keccak(concatBytes(prefixOf(contract), bytesOf(struct)));
}

/**
 * All that the hash of a state is of: EIP-712's prefix in the domain of these channels, the words of the state without its list,
 * and those of each HTLC.
 *
 * @throws RollupError OUT_OF_RANGE for values that no state can have; INVALID_ADDRESS; INVALID_HEX.
 */
export function encodeChannelState(contract: ChannelContract, vault: Address, state: ChannelState): Uint8Array {
  const { version, claim, residualIsB, htlcs } = state;
  requireBits('the version', version, 48);
  requireBits('the claim', claim, 128);
  if (htlcs.length > MAX_HTLCS) {
    throw new RollupError('OUT_OF_RANGE', `a channel has ${htlcs.length} HTLCs, at most ${MAX_HTLCS} are possible`, {
      actual: htlcs.length,
    });
  }
  const encoded = new Uint8Array(PREFIX_BYTES + STRUCT_BYTES * (1 + htlcs.length));
  encoded.set(prefixOf(contract));
  const integers = [version, claim, residualIsB ? 1 : 0] as const;
  writeStruct(encoded, PREFIX_BYTES, STATE_TYPE, requireAddress('vault', vault), integers);
  htlcs.forEach(({ hash, amount, expiry, toSenior }, position) => {
    requireBits('the amount of an HTLC', amount, 128);
    requireBits('the expiry of an HTLC', expiry, 40);
    const at = PREFIX_BYTES + STRUCT_BYTES * (1 + position);
    writeStruct(encoded, at, HTLC_TYPE, hash, [amount, expiry, toSenior ? 1 : 0]);
  });
  return encoded;
}

/**
 * What both parties sign with secp256k1.
 * Twin: contracts/channels/ChannelStates.sol structHash.
 * Twin: native/core/src/channels/hash.rs state_hash.
 *
 * @throws RollupError as `encodeChannelState`.
 */
export function channelStateHash(contract: ChannelContract, vault: Address, state: ChannelState): Bytes32 {
  const encoded = encodeChannelState(contract, vault, state);
  const structAt = (position: number): Uint8Array => {
    const start = PREFIX_BYTES + position * STRUCT_BYTES;
    return encoded.subarray(start, start + STRUCT_BYTES);
  };
  const list = keccak_256(concatBytes(...state.htlcs.map((_, position) => keccak_256(structAt(1 + position)))));
  return typedHash(contract, keccak(concatBytes(structAt(0), list)));
}

/** Who says on a connection that it is a party: the challenge comes from whom it says that to. */
export interface ChannelLogin {
  readonly from: Address;
  readonly to: Address;
  /** 32 random bytes. */
  readonly challenge: Bytes32;
}

/** What a party signs to show on a connection that it is one. Source: docs/channels.md, Connections. @throws RollupError INVALID_ADDRESS. */
export function channelLoginHash(contract: ChannelContract, { from, to, challenge }: ChannelLogin): Bytes32 {
  return typedHash(
    contract,
    hashWords(LOGIN_TYPEHASH, requireAddress('from', from), requireAddress('to', to), challenge),
  );
}

const NOBODY = `0x${'00'.repeat(20)}`;

/** Money that goes to the vault of other terms is lost: nobody could close the channel alone. */
function requireClosable({ a, b, period }: ChannelTerms): void {
  const { least, most } = CHANNEL_PERIOD;
  if (!Number.isSafeInteger(period) || period < least || period > most) {
    const message = `the period of a channel is ${period} s, ${least} to ${most} are possible`;
    throw new RollupError('OUT_OF_RANGE', message, { actual: period });
  }
  if (isSameAddress(a, b) || isSameAddress(a, NOBODY) || isSameAddress(b, NOBODY)) {
    throw new RollupError('OUT_OF_RANGE', `a channel is between two parties, not ${a} and ${b}`, { actual: b });
  }
}

/** The code of a minimal proxy (ERC-1167) around the address of what it stands for. */
const CLONE_HEAD = '0x3d602d80600a3d3981f3363d3d373d3d3d363d73';
const CLONE_TAIL = '0x5af43d82803e903d91602b57fd5bf3';

/**
 * The address of a channel's vault, deployed or not.
 * Twin: contracts/channels/Channels.sol vaultOf.
 *
 * @param implementation what the vaults are clones of: the first contract that `channels` made.
 * @throws RollupError OUT_OF_RANGE for terms with which it could never be closed alone, INVALID_ADDRESS.
 */
export function channelVault(channels: Address, implementation: Address, terms: ChannelTerms): Address {
  const { tokenId, a, b, period, nonce } = terms;
  requireBits('the token', tokenId, 32);
  requireClosable(terms);
  requireBits('the nonce', nonce, 64);
  const salt = hashWords(tokenId, requireAddress('a', a), requireAddress('b', b), period, nonce);
  const code = concatBytes(bytesOf(CLONE_HEAD), bytesOf(implementation), bytesOf(CLONE_TAIL));
  const hash = keccak(concatBytes(Uint8Array.of(0xff), bytesOf(channels), bytesOf(salt), bytesOf(keccak(code))));
  return `0x${hash.slice(-40)}`;
}
