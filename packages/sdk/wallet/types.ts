/** What a wallet is: the verbs that users of other rollups know, over a sequencer and over L1 alone. */

import type { RollupError } from '@quittance/protocol';
import type { AccountJson, HistoryEntryJson } from '@quittance/rpc';

/**
 * Who signs on L1. Signers of ethers (`Signer`) and wallet clients of viem (`WalletClient`) are taken as they are, and so is an
 * EIP-1193 provider with an account: `toSigner` makes one of these of them.
 */
export interface WalletSigner {
  /** The L1 address. */
  readonly address: string;
  /** EIP-191 signature of a text, 65 bytes as 0x hexadecimal. */
  signMessage(message: string): Promise<string>;
  /** Sends a transaction and resolves to its hash, before it is in a block. */
  sendTransaction(call: { readonly to: string; readonly data: string; readonly value: bigint }): Promise<string>;
}

/** Where L1 is. */
export interface L1Options {
  /** JSON-RPC of an L1 node. */
  readonly url: string;
  /** The rollup contract. Asked of the sequencer where there is one; name it yourself if you do not trust that. */
  readonly contract?: string;
  /** Block of the deployment, or one before it. Asked of the sequencer where there is one, else 0. */
  readonly fromBlock?: number;
  /** Where blobs may be had, if the rollup posts in blobs: beacon nodes or mirrors; of the L1 node if not given. */
  readonly blobUrls?: readonly string[];
}

/** Which wallet, and what it talks to. One of `signer`, `mnemonic` and `secret`. */
export interface WalletOptions {
  /** Derives the rollup key from one signature; pays for L1 transactions. */
  readonly signer?: unknown;
  /** BIP-39 words: the L1 account m/44'/60'/0'/0/0, or of `accountIndex`. */
  readonly mnemonic?: string;
  readonly accountIndex?: number;
  /** 32 bytes, the L1 account's private key, as 0x hexadecimal. */
  readonly secret?: string;
  /** The rollup key's own 32-byte secret, for contract accounts (EIP-1271), whose signatures derive no key. */
  readonly rollupSecret?: string;
  /** The sequencer. Without it only what needs L1 alone works: balances, claim, forceExit, exitFromL1. */
  readonly rpcUrl?: string;
  /** L1. Without it only what needs the sequencer alone works: balances, transfers, history. */
  readonly l1?: L1Options;
  /** How long one call of the sequencer may take. */
  readonly timeoutMs?: number;
}

/** A token, by its id in the rollup or by its L1 address. ETH is 0. */
export type TokenRef = number | string;

/** A token as the wallet knows it. */
export interface TokenInfo {
  readonly tokenId: number;
  /** L1 address; the zero address for ETH. */
  readonly address: string;
  readonly symbol: string;
  readonly decimals: number;
}

/** How much of a token there is, in base units. */
export interface Balance {
  readonly token: TokenInfo;
  /** With all that the sequencer has accepted: its promise. */
  readonly soft: bigint;
  /** As far as it is on L1, where it can still be replaced. */
  readonly posted: bigint;
  /** What nobody can take back. */
  readonly final: bigint;
}

/** Who is paid: an index, `0x<owner>:0x<key>` as `wallet.receiver` prints it, or an L1 address that has an account. */
export type Receiver = number | string;

/** What all calls take. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface TransferRequest extends CallOptions {
  readonly to: Receiver;
  /** Base units. What no record can state is refused with NOT_REPRESENTABLE, which names the amounts next to it. */
  readonly amount: bigint;
  /** Takes the next amount below that a record can state, and says so in `TransferHandle.amount`. */
  readonly roundDown?: boolean;
  /** ETH if not given. */
  readonly token?: TokenRef;
  /** Base units; what the sequencer suggests, rounded up, if not given. */
  readonly fee?: bigint;
  /** 1 to 140 bytes, or text of as many in UTF-8; signed, and delivered to the receiver. */
  readonly reference?: string | Uint8Array;
  /** How long the signature stays valid; an hour if not given, 0 is forever. */
  readonly validForSeconds?: number;
}

export interface WithdrawRequest extends Omit<TransferRequest, 'to'> {}

export interface DepositRequest extends CallOptions {
  readonly amount: bigint;
  readonly token?: TokenRef;
  /** `0x<owner>:0x<key>`; the wallet's own account if not given. */
  readonly to?: string;
}

/** States in their order; all before `final` are promises. */
export type Stage = 'accepted' | 'sealed' | 'posted' | 'final';

/** What became of waiting, without throwing. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: RollupError };

/** Something on its way. */
export interface Handle<T> {
  /** Each resolves when it is so far; it can be asked again after a failure. @throws RollupError TRANSFER_DROPPED, TIMEOUT, … */
  accepted(options?: WaitOptions): Promise<T>;
  sealed(options?: WaitOptions): Promise<T>;
  posted(options?: WaitOptions): Promise<T>;
  final(options?: WaitOptions): Promise<T>;
  /** The same without throwing. */
  outcome(stage: Stage, options?: WaitOptions): Promise<Outcome<T>>;
}

export interface WaitOptions extends CallOptions {
  /** TIMEOUT after this long; not at all if not given. */
  readonly timeoutMs?: number;
}

/** A transfer as the sequencer has it. */
export interface TransferStatus {
  readonly id: string;
  readonly status: string;
  readonly batch: number | null;
  /** Kind 2: index of the new account. */
  readonly to?: number;
}

export interface TransferHandle extends Handle<TransferStatus> {
  readonly id: string;
  /** What was signed, base units. */
  readonly amount: bigint;
  readonly fee: bigint;
  readonly nonce: number;
}

/** A request on L1 as the sequencer has it. */
export interface PriorityStatus {
  readonly operationId: number;
  readonly status: string;
  readonly batch: number | null;
}

export interface PriorityHandle extends Handle<PriorityStatus> {
  readonly operationId: number;
  /** Unix seconds by which a batch has to have it. */
  readonly deadline: number;
  readonly transactionHash: string;
}

/** One payment on L1. */
export interface PaidOut {
  readonly batch: number | null;
  readonly index: number;
  readonly token: TokenInfo;
  readonly amount: bigint;
  readonly transactionHash: string;
}

/** What `exitFromL1` did, or what it waits for. */
export type ExitFromL1 =
  /** No exodus is open and none is due: requests were made or stand, and must be executed by then (Unix seconds). */
  | { readonly state: 'requested'; readonly deadline: number; readonly operationIds: readonly number[] }
  /** Everything that could be paid was: accounts, requests given back, withdrawals claimed. */
  | { readonly state: 'paid'; readonly paid: readonly PaidOut[] };

/** Progress of what takes long: rebuilding reads all batches. */
export interface ExitProgress {
  readonly step: 'rebuilding' | 'requesting' | 'opening' | 'paying' | 'claiming';
  readonly done: number;
  readonly total: number;
}

/** A payment that came in. */
export interface IncomingPayment {
  /** Place in the log: give it to `watch({ fromSequence })` plus 1 to go on behind it. */
  readonly sequence: number;
  /** Null for a deposit. */
  readonly id: string | null;
  /** Account that was paid. */
  readonly account: number;
  readonly token: TokenInfo;
  readonly amount: bigint;
  /** Null for a deposit. */
  readonly from: { readonly index: number; readonly owner: string } | null;
  readonly reference: Uint8Array | null;
  /** The reference as text, where it is UTF-8. */
  readonly referenceText: string | null;
  readonly status: string;
}

export interface WatchOptions extends CallOptions {
  /** First entry of the log to be told of; what comes from now on if not given. */
  readonly fromSequence?: number;
  /** Only told of payments once they are so far; `final` if not given. An exchange credits at `final`. */
  readonly stage?: Stage;
}

export interface HistoryOptions extends CallOptions {
  /** Index of an account; the wallet's account in ETH if not given. */
  readonly account?: number;
  /** Only entries before this place in the log. */
  readonly before?: number;
}

/** A wallet. Every method can throw RollupError; each says which codes. */
export interface Wallet {
  /** The L1 address. */
  readonly address: string;
  /** `0x<owner>:0x<key>`: the address to give to payers. */
  readonly receiver: string;
  /** Of the deployment: chain and contract. */
  readonly domain: bigint;
  tokens(options?: CallOptions): Promise<readonly TokenInfo[]>;
  accounts(options?: CallOptions): Promise<readonly AccountJson[]>;
  balance(token?: TokenRef, options?: CallOptions): Promise<Balance>;
  estimateFee(token?: TokenRef, options?: CallOptions): Promise<bigint>;
  deposit(request: DepositRequest): Promise<PriorityHandle>;
  transfer(request: TransferRequest): Promise<TransferHandle>;
  transferMany(
    requests: readonly TransferRequest[],
    options?: CallOptions,
  ): Promise<readonly Outcome<TransferHandle>[]>;
  withdraw(request: WithdrawRequest): Promise<TransferHandle>;
  /** Pays out final withdrawals on L1, with proofs made from L1 alone. */
  claim(options?: CallOptions): Promise<readonly PaidOut[]>;
  /** Asks L1 to pay out an account in full, whether the sequencer likes it or not. */
  forceExit(request?: CallOptions & { readonly token?: TokenRef; readonly account?: number }): Promise<PriorityHandle>;
  /** The way out without any sequencer: requests, and once they are overdue the exodus, then all payments. Call it again later. */
  exitFromL1(options?: CallOptions & { readonly onProgress?: (progress: ExitProgress) => void }): Promise<ExitFromL1>;
  history(options?: HistoryOptions): AsyncIterable<HistoryEntryJson>;
  watch(options?: WatchOptions): AsyncIterable<IncomingPayment>;
  /** The handle of a transfer that was sent before, by this process or another. */
  handleOf(id: string): Handle<TransferStatus>;
  /** Ends connections. */
  close(): void;
}
