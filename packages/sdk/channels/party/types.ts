/** A party with its channels: what it needs, and what can be done with it. */

import type { Address, ChannelContract, RollupError } from '@quittance/protocol';
import type { Clock } from '../../wallet/time.ts';
import type { ChannelStore, Exchange, ExchangeListener, ExchangeOptions } from '../exchange/index.ts';
import type { StateKeys } from '../side/index.ts';
import type { WirePeer } from '../wire/peer.ts';
import type { WireSocket } from '../wire/socket.ts';
import type { PartyConnection, WireEnd } from './connection.ts';
import type { ChannelDocuments, ChannelReceiver } from './documents.ts';
import type { JudgeOpening, OpenRequest } from './opening.ts';
import type { ChannelRollup } from './rollup.ts';

/** Pays into the account of a channel, once: what was signed is kept before it is sent. */
export interface Funding {
  /** `0x<owner>:0x<key>`, as a wallet pays it. */
  readonly receiver: string;
  readonly amount: bigint;
  readonly tokenId: number;
  /** What `keep` was given before: to be sent again, and nothing else. */
  readonly kept: string | undefined;
  keep(signed: string): Promise<void>;
  /** What was kept can never be executed any more: the next call signs anew. */
  forget(): Promise<void>;
}

/** How far a channel is. */
export type ChannelStage =
  /** Its account has nothing that is final yet. */
  | 'opening'
  | 'open'
  /** Nothing changes any more. */
  | 'closing'
  /** What each has was paid to it by transfers, and is final. */
  | 'closed';

/** A channel as people see it. Amounts are base units. */
export interface ChannelSummary {
  readonly vault: string;
  readonly stage: ChannelStage;
  readonly peer: Address;
  readonly tokenId: number;
  readonly version: number;
  /** What we can spend. */
  readonly ours: bigint;
  /** What we can be paid. */
  readonly theirs: bigint;
  /** In HTLCs of both directions. */
  readonly locked: bigint;
  /** Final balance of the account. */
  readonly capacity: bigint;
  /** Whether we pay it in, and how much. */
  readonly isOurs: boolean;
  readonly paidIn: bigint;
  /** Leaf of the account, once it is final. */
  readonly index: number | undefined;
  readonly isConnected: boolean;
  /** Until when transfers that close it, which both have signed, can get into the rollup, in Unix seconds. */
  readonly closesUntil: number | undefined;
}

export interface ChannelPartyOptions {
  readonly address: Address;
  readonly contract: ChannelContract;
  /** What the vaults of the contract are clones of. */
  readonly implementation: Address;
  readonly keys: StateKeys;
  readonly store: ChannelStore;
  readonly documents: ChannelDocuments;
  /** See ExchangeOptions. */
  readonly gather?: ExchangeOptions['gather'];
  readonly rollup: ChannelRollup;
  readonly clock: Clock;
  /** Whether somebody may open a channel with us. */
  readonly judge: JudgeOpening;
  /** What is said to whoever asks for our terms. */
  readonly policy: () => unknown;
  readonly fund: (funding: Funding) => Promise<void>;
  /** Whether a channel is being closed on L1; asked before the first money in it counts. None is if not given. */
  readonly isClosed?: (vault: string) => Promise<boolean>;
  readonly receiver: (tokenId: number) => Promise<ChannelReceiver>;
  readonly listener: ExchangeListener & {
    readonly connected?: (connection: PartyConnection) => void;
    readonly disconnected?: (connection: PartyConnection) => void;
    /** A look at the rollup failed for one channel; it is tried again. */
    readonly trouble?: (vault: string, error: RollupError) => void;
  };
}

/** A party with all of its channels. */
export interface ChannelParty {
  readonly address: Address;
  readonly exchange: Exchange;
  /** A connection that somebody began. */
  accept(socket: WireSocket): WireEnd;
  /** A connection that we began. @param expected who is to be there. */
  call(socket: WireSocket, expected?: Address): WireEnd;
  isConnected(vault: string): boolean;
  /** Our channels with a party in a token in which something can change. */
  channelsWith(address: Address, tokenId: number): readonly string[];
  channels(): readonly ChannelSummary[];
  /** Opens a channel with who is connected; resolves with its vault. The money follows with the next looks. */
  open(address: Address, request: OpenRequest): Promise<string>;
  /** Closes a channel with the other party, which must be connected. */
  closeTogether(vault: string): Promise<void>;
  /** Nothing changes any more in a channel: it is being closed on L1. */
  stopChannel(vault: string): Promise<void>;
  /** Looks at the rollup: pays channels in, sees what became final, sends what closes. @param all also channels that rest. */
  look(all?: boolean): Promise<void>;
  /** @throws RollupError CHANNEL_PEER_AWAY. */
  peerOf(address: Address): WirePeer;
  stop(): Promise<void>;
}
