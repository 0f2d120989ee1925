/** What a payment channel is, and what its parties sign. Source: docs/channels.md. */

import type { Bytes32 } from '../batch/index.ts';

/** An L1 address: 0x and 40 hexadecimal digits. */
export type Address = string;

/** What a channel is: the address of its vault follows from it. Twin: contracts/types/ChannelTypes.sol ChannelTerms. */
export interface ChannelTerms {
  /** Token of the rollup. */
  readonly tokenId: number;
  readonly a: Address;
  readonly b: Address;
  /** Seconds that a lonely close can be challenged. */
  readonly period: number;
  /** Tells the channels of two parties apart, below 2^64. */
  readonly nonce: bigint;
}

/**
 * Money that belongs to whoever can show a secret in time, or else to the other party.
 * Twin: contracts/types/ChannelTypes.sol Htlc.
 */
export interface Htlc {
  /** Base units, below 2^128. */
  readonly amount: bigint;
  /** sha256 of the secret, which has 32 bytes. */
  readonly hash: Bytes32;
  /** The last second in which the secret counts, in Unix seconds. */
  readonly expiry: number;
  /** Whom the secret pays: the senior party, or the residual one. */
  readonly toSenior: boolean;
}

/**
 * What both parties sign of all the money that ever reaches the vault.
 * Twin: contracts/types/ChannelTypes.sol ChannelState.
 */
export interface ChannelState {
  /** Later states have higher ones; below 2^48. */
  readonly version: number;
  /** Base units that the senior party has for sure. */
  readonly claim: bigint;
  /** Which party has the rest; the other one is the senior. */
  readonly residualIsB: boolean;
  /** At most MAX_HTLCS. */
  readonly htlcs: readonly Htlc[];
}

/** The contract of the channels. */
export interface ChannelContract {
  readonly chainId: bigint;
  readonly channels: Address;
}

/**
 * Seconds that a lonely close can be challenged, at least and at most.
 * Twin: contracts/channels/Channels.sol _requireTerms.
 */
export const CHANNEL_PERIOD = { least: 60, most: 365 * 86_400 } as const;

/**
 * Seconds after its period that a close waits for secrets.
 * Twin: contracts/channels/Channels.sol MAX_LOCK.
 */
export const MAX_LOCK_AFTER_PERIOD = 30 * 86_400;

/** Most HTLCs of a state. Twin: contracts/channels/ChannelStates.sol MAX_HTLCS. */
export const MAX_HTLCS = 64;
