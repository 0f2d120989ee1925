/** Payment channels as L1 has them. Everything read is untrusted until a hash or a signature confirms it. */

import type { Bytes32, ChannelState, ChannelTerms } from '@quittance/protocol';
import type { BlockReference, L1Inclusion } from '../types.ts';

/** What the deployment fixed. */
export interface ChannelsConstants {
  /** Address of the contract that judges. */
  readonly contract: string;
  readonly rollup: string;
  /** Where secrets are shown. */
  readonly preimages: string;
  /** Wei that a close takes as bond. */
  readonly bond: bigint;
  /** What the vaults are clones of. */
  readonly implementation: string;
}

/** A lonely close. Source: contracts/types/ChannelTypes.sol ChannelClose. */
export interface ChannelClose {
  /** Of the newest state that was shown. */
  readonly stateHash: Bytes32;
  readonly version: number;
  /** The second from which it stands, in Unix seconds. */
  readonly periodEnd: number;
  /** Who has the bond at the settlement. */
  readonly bondHolder: string;
  readonly isSettled: boolean;
  /** Of the settled state. */
  readonly residualIsB: boolean;
  /** Of the state that the close began with. */
  readonly closedVersion: number;
  /** What the senior has first, HTLCs included, once it is settled; base units. */
  readonly claim: bigint;
  /** Base units that were paid to the senior so far. */
  readonly paidSenior: bigint;
  readonly paidResidual: bigint;
}

/** Where an event stands on L1. */
interface Place extends L1Inclusion {
  readonly logIndex: number;
}

/** What happened to a channel on L1. */
export type ChannelEvent = Place & { readonly vault: string } & (
    | {
        readonly type: 'closing';
        readonly closer: string;
        readonly version: number;
        readonly stateHash: Bytes32;
        readonly periodEnd: number;
      }
    | {
        readonly type: 'challenged';
        readonly challenger: string;
        readonly version: number;
        readonly stateHash: Bytes32;
      }
    | { readonly type: 'settled'; readonly senior: string; readonly claim: bigint }
    | { readonly type: 'paidOut'; readonly party: string; readonly receiver: string; readonly amount: bigint }
  );

/** A secret that was shown on L1. */
export interface RevealedSecret extends Place {
  /** sha256 of the secret. */
  readonly hash: Bytes32;
  readonly secret: Bytes32;
  /** Unix seconds of its block. */
  readonly time: number;
}

/** An exit that a vault requested. */
export interface VaultExit extends Place {
  readonly accountIndex: number;
  /** Place in the queue of the rollup: executed once its count is above it. */
  readonly queueIndex: number;
}

/** Which blocks are searched, and for whose events. */
export interface ChannelEventQuery {
  readonly fromBlock: number;
  /** To leave out what a reorganization may take back, name a block that has its confirmations. */
  readonly toBlock: number;
  /** One channel; all if not given. */
  readonly vault?: string;
}

/**
 * Reads the contract of the channels. Views are as of the newest block, or after the block whose hash is given: what belongs
 * together is read of one block, and a node that does not have it fails instead of answering about another.
 * Every method throws RollupError L1_UNREACHABLE when L1 does not answer.
 */
export interface ChannelsReader {
  readonly chainId: bigint;
  /** Address of the contract. */
  readonly contract: string;
  /**
   * What the deployment fixed.
   *
   * @throws RollupError L1_WRONG_CHAIN when another chain answers, when there is no contract of channels, or when it is that of
   * another rollup.
   */
  connect(): Promise<ChannelsConstants>;
  /** The newest block. @throws RollupError L1_WRONG_CHAIN when another chain answers by now. */
  head(): Promise<BlockReference>;
  /** The canonical block of this number; undefined when there is none. */
  block(number: number): Promise<BlockReference | undefined>;
  /** The address of a channel's vault, deployed or not. @throws RollupError OUT_OF_RANGE, INVALID_ADDRESS. */
  vaultOf(terms: ChannelTerms): string;
  /** How far a lonely close is; undefined when there is none. */
  closeOf(vault: string, blockHash?: Bytes32): Promise<ChannelClose | undefined>;
  /** Wei of bonds that an account can collect. */
  creditOf(account: string, blockHash?: Bytes32): Promise<bigint>;
  /** Unix seconds of the block that first had the secret; undefined when none did. */
  revealedAt(hash: Bytes32, blockHash?: Bytes32): Promise<number | undefined>;
  /** Base units of the token that a vault holds on L1. */
  heldBy(vault: string, tokenId: number, blockHash?: Bytes32): Promise<bigint>;
  /** What happened to channels, in order. @throws RollupError L1_LOG_FOREIGN, L1_LOG_UNREADABLE, L1_INCONSISTENT. */
  events(query: ChannelEventQuery): Promise<ChannelEvent[]>;
  /** Secrets that were shown, in order. @throws as `events`. */
  revealed(query: Omit<ChannelEventQuery, 'vault'> & { readonly hash?: Bytes32 }): Promise<RevealedSecret[]>;
  /** Exits of a vault's accounts that were requested of the rollup, in order. @throws as `events`. */
  exitRequests(query: Omit<ChannelEventQuery, 'vault'> & { readonly vault: string }): Promise<VaultExit[]>;
  /**
   * The state with which somebody closed or challenged, from the calldata: it has the hash of the event, whoever sent it.
   *
   * @returns undefined when the calldata does not have it, as that of a contract that made it up.
   * @throws RollupError L1_TRANSACTION_UNKNOWN.
   */
  shownState(
    event: Pick<Extract<ChannelEvent, { type: 'closing' | 'challenged' }>, 'vault' | 'stateHash' | 'transactionHash'>,
  ): Promise<ChannelState | undefined>;
}
