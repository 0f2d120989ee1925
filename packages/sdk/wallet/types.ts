/** What a wallet is: the verbs that users of other rollups know, over a sequencer and over L1 alone. */

import type { RollupReader } from '@quittance/chain';
import type { RebuiltRollup, ReplayCrypto } from '@quittance/derivation';
import type { RollupError } from '@quittance/protocol';
import type { AccountJson, HistoryEntryJson, TransferJson } from '@quittance/rpc';

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
  /** The chain that it is connected to, if it is connected to one. */
  chainId?(): Promise<bigint | undefined>;
}

/** Where a rebuild of the rollup goes on: a page keeps it in IndexedDB, a service in a file. Checked against L1 when it is read. */
export interface RebuildState {
  /** What was kept last; undefined when nothing was. */
  load(): Promise<Uint8Array | undefined>;
  /** Keeps a state, in place of the one before. */
  keep(snapshot: Uint8Array): Promise<void>;
}

/** What a rebuild of the rollup is asked for. */
export interface RebuildRequest {
  readonly reader: RollupReader;
  /** Whose withdrawals the result has to have: an L1 address as a number. */
  readonly claims: bigint | 'none';
}

/** A provider as pages have it. Source: EIP-1193. */
export interface Eip1193Provider {
  request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>;
}

/** Where L1 is: by `url`, or through `provider`. */
export interface L1Options {
  /** JSON-RPC of an L1 node. */
  readonly url?: string;
  /** An EIP-1193 provider that reads L1 in place of `url`: the wallet of the browser has a node already. */
  readonly provider?: Eip1193Provider;
  /** The rollup contract. Asked of the sequencer where there is one; name it yourself if you do not trust that. */
  readonly contract?: string;
  /** Block of the deployment, or one before it. Asked of the sequencer where there is one, else 0. */
  readonly fromBlock?: number;
  /** Where blobs may be had, if the rollup posts in blobs: beacon nodes (as a bare URL too) or mirrors of an archive. */
  readonly blobUrls?: readonly (string | { readonly kind: 'beacon' | 'mirror'; readonly url: string })[];
  /** Keeps the state between two rebuilds, and when one is interrupted. */
  readonly state?: RebuildState;
  /** Rebuilds the rollup, in place of doing it here: for who has faster ways, or other places of blobs. */
  readonly rebuild?: (request: RebuildRequest) => Promise<RebuiltRollup>;
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
  /** Faster cryptography than the portable one, where there is some: for signing and rebuilding. */
  readonly crypto?: ReplayCrypto;
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
  /**
   * Of a payment that `watch` tells of, true where nobody can say how amounts of its token read: then `decimals` is 0 without
   * meaning it, the symbol is not the token's own, and the address is empty where the wallet knows none. Anybody can register such
   * a token: credit nobody for one that you do not know by its id.
   */
  readonly isUnreadable?: true;
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

/**
 * Who is paid: `0x<owner>:0x<key>` as `wallet.receiver` prints it, which nobody can redirect; or the index of an account, or an
 * L1 address that has accounts of one key. For the last two the sequencer says whose key it is, and anybody can open an
 * account of a key of their own under the address of somebody else: ask payees for their receiver.
 */
export type Receiver = number | string;

/** A signed transfer, as whoever wants to send it again after a crash keeps it. */
export interface SignedPayment {
  readonly id: string;
  readonly transfer: TransferJson;
}

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
  /**
   * 1 to 140 bytes, or text of as many in UTF-8; signed, and delivered to the receiver. Where several processes pay with one
   * account, it tells payments apart that are the same in all else.
   */
  readonly reference?: string | Uint8Array;
  /** How long the signature stays valid; an hour if not given, 0 is forever. */
  readonly validForSeconds?: number;
  /**
   * Told of each signed transfer before it is sent, and waited for: what keeps it can `resume` after a crash and never pays
   * twice. It is called again when another transfer of this key, made by another process, is shown to have its nonce: the one
   * before is worthless then. What it throws the second time ends the payment, and nothing is paid.
   */
  readonly onSigned?: (signed: SignedPayment) => void | Promise<void>;
}

export interface WithdrawRequest extends Omit<TransferRequest, 'to'> {}

/** To the same owner in another rollup; `destination` is its number in the list on L1, `keyY` the key there. */
export interface MoveRequest extends WithdrawRequest {
  readonly destination: number;
  readonly keyY: bigint;
}

export interface DepositRequest extends CallOptions {
  readonly amount: bigint;
  readonly token?: TokenRef;
  /** `0x<owner>:0x<key>`; the wallet's own account if not given. */
  readonly to?: string;
}

/** States in their order; all before `final` are promises. */
export type Stage = 'accepted' | 'sealed' | 'proving' | 'posted' | 'final';

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
  /** Why it did nothing, as an exit of somebody else's account; else null. */
  readonly reason: string | null;
}

export interface PriorityHandle extends Handle<PriorityStatus> {
  readonly operationId: number;
  /** Unix seconds by which a batch has to have it. */
  readonly deadline: number;
  /** What was paid to whoever executes it, in wei. */
  readonly fee: bigint;
  readonly transactionHash: string;
  readonly blockNumber: number;
}

/** One payment on L1. */
export interface PaidOut {
  /** A withdrawal or move of a batch, an account in the exodus, or a request that was given back. */
  readonly kind: 'withdrawal' | 'move' | 'account' | 'request';
  /** Of a withdrawal or move; else null. */
  readonly batch: number | null;
  /** Position in the batch, index of the account, or number of the request. */
  readonly index: number;
  readonly token: TokenInfo;
  readonly amount: bigint;
  readonly transactionHash: string;
}

/** A payment that L1 refused, which kept no other back: a token may bar its holder. */
export interface RefusedPayment extends Omit<PaidOut, 'transactionHash'> {
  readonly reason: string;
}

/**
 * Why something was left behind: it costs more than it pays (`dust`, of ETH only), the token has more accounts than are taken
 * unasked (`many`), or others were asked for (`notChosen`).
 */
export type LeftReason = 'dust' | 'many' | 'notChosen';

/** What `exitFromL1` took nothing of: it is still there, and can be asked for. */
export interface LeftBehind extends Omit<PaidOut, 'transactionHash'> {
  readonly reason: LeftReason;
}

/** What each step of leaving costs on L1 now, in wei. */
export interface LeavingCosts {
  /** To be paid out of an account: the priority fee and gas, or in the exodus gas alone. */
  readonly account: bigint;
  /** To claim a withdrawal. */
  readonly claim: bigint;
  /** To have a request given back. */
  readonly request: bigint;
}

/** Whom L1 pays. */
export interface PayOptions extends CallOptions {
  /** Whose money; the wallet's own address if not given. Anyone may pay the gas for others: they get the money. */
  readonly owner?: string;
  /** L1 address to pay in place of the wallet's own, which alone may say so. */
  readonly to?: string;
  /** Told of what L1 refused to pay. */
  readonly onRefused?: (refused: RefusedPayment) => void;
}

export interface ClaimOptions extends PayOptions {
  /** Also moves that nobody executed: they go to L1 instead of their destination. */
  readonly moves?: boolean;
  /** Wei below which ETH is left where it is; nothing is if not given. */
  readonly minAmount?: bigint;
  /** Told of each payment that `minAmount` leaves where it is. */
  readonly onLeft?: (left: LeftBehind) => void;
  /** Told how many moves wait to be executed, where they are not claimed. */
  readonly onMovesLeft?: (count: number) => void;
}

export interface ExitOptions extends PayOptions {
  readonly onProgress?: (progress: ExitProgress) => void;
  /**
   * Indices of the accounts to leave with, whatever they hold. If not given: those in ETH that hold more than leaving costs, and
   * of each token the four largest. Anybody can put dust on accounts of somebody else; `left` has what was not taken.
   */
  readonly accounts?: readonly number[];
  /** Wei below which ETH is left where it is; what it costs to be paid if not given, 0 for all of it. */
  readonly minAmount?: bigint;
  /** Whether it may make requests, which cost a priority fee each; EXODUS_NOT_DUE instead if not. It may if not given. */
  readonly mayRequest?: boolean;
}

/** What `exitFromL1` did, or what it waits for. All have `left`, what was not taken, and why. */
export type ExitFromL1 =
  /**
   * No exodus is open and none is due. Requests were made or stand, and must be executed by `deadline`; if none is, the exodus
   * can be opened from `exodusAt` on (Unix seconds). What was final before is in `paid`.
   */
  | {
      readonly state: 'requested';
      readonly deadline: number;
      readonly exodusAt: number;
      readonly operationIds: readonly number[];
      readonly paid: readonly PaidOut[];
      readonly left: readonly LeftBehind[];
    }
  /** There is nothing worth leaving with, but what was final before, which is in `paid`. */
  | { readonly state: 'empty'; readonly paid: readonly PaidOut[]; readonly left: readonly LeftBehind[] }
  /** All that was chosen was paid: accounts, requests given back, withdrawals claimed. `activated`: this call opened it. */
  | {
      readonly state: 'paid';
      readonly activated: boolean;
      readonly paid: readonly PaidOut[];
      readonly left: readonly LeftBehind[];
    };

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

/** An entry of the history, with its reference as bytes and, where it is UTF-8, as text. */
export interface HistoryItem extends HistoryEntryJson {
  readonly referenceBytes: Uint8Array | null;
  readonly referenceText: string | null;
}

/** A wallet. Every method can throw RollupError; each says which codes besides those of the connection that it uses. */
export interface Wallet {
  /** The L1 address. */
  readonly address: string;
  /** `0x<owner>:0x<key>`: the address to give to payers. */
  readonly receiver: string;
  /** Of the deployment: chain and contract. */
  readonly domain: bigint;
  /** Chain id of L1. */
  readonly chainId: bigint;
  /** Address of the rollup contract on L1. */
  readonly contract: string;

  /** All tokens that the sequencer takes fees in; without a sequencer, all that are registered on L1. */
  tokens(options?: CallOptions): Promise<readonly TokenInfo[]>;
  /** A token by its id or L1 address, as L1 has it where the wallet knows L1. @throws RollupError NOT_FOUND, TOKEN_UNSUITABLE. */
  token(token: TokenRef, options?: CallOptions): Promise<TokenInfo>;
  /** All accounts of the owner, whichever key they have; without a sequencer, as they are final on L1. */
  accounts(options?: CallOptions): Promise<readonly AccountJson[]>;
  /**
   * What the wallet's own key holds of a token, ETH if not given.
   *
   * @throws RollupError NOT_FOUND for a token that nobody registered.
   * @example const { soft, final } = await wallet.balance();
   */
  balance(token?: TokenRef, options?: CallOptions): Promise<Balance>;
  /** What a transfer costs now, in base units of the token, such that a record can state it. */
  estimateFee(token?: TokenRef, options?: CallOptions): Promise<bigint>;

  /**
   * Money from L1 into the rollup: approves exactly the amount where a token needs it, and pays the priority fee. Resolves once
   * it is in a block of L1.
   *
   * @throws RollupError OUT_OF_RANGE, INSUFFICIENT_FUNDS, NOT_FOUND or SIGNER_WRONG_CHAIN before any transaction;
   * TOKEN_UNSUITABLE, SIGNER_REFUSED, L1_REJECTED, TRANSACTION_FAILED.
   * @example await (await wallet.deposit({ amount: parseEther('1') })).final();
   */
  deposit(request: DepositRequest): Promise<PriorityHandle>;
  /**
   * Pays somebody; resolves when the sequencer has it on disk, which is its promise. Whatever happens on the way, an intent is
   * paid at most once: it is signed anew only when another transfer of this key is shown to have the nonce. A refusal is the
   * word of the sequencer: until `validUntil`, whoever has the signature could still have it taken.
   *
   * @throws RollupError NOT_REPRESENTABLE, OUT_OF_RANGE, WRONG_LENGTH, NOT_FOUND, SELF_TRANSFER, RECEIVER_EMPTY,
   * RECEIVER_AMBIGUOUS or FEE_DISPROPORTIONATE before anything is signed; what the sequencer refuses it for;
   * TRANSFER_UNCERTAIN when no answer came, or none that can be believed: it may be taken yet. `resume` it, or ask for it by its
   * id; pay it anew only once that says NONCE_USED or EXPIRED.
   * @example const payment = await wallet.transfer({ to: receiver, amount: parseEther('0.5'), reference: 'invoice 7' });
   */
  transfer(request: TransferRequest): Promise<TransferHandle>;
  /** Pays many, in lists of as many as the sequencer takes. Says of each what became of it; as `transfer`. */
  transferMany(
    requests: readonly TransferRequest[],
    options?: CallOptions,
  ): Promise<readonly Outcome<TransferHandle>[]>;
  /** Out to the owner's L1 address: `claim` pays it once it is final. Throws as `transfer`. */
  withdraw(request: WithdrawRequest): Promise<TransferHandle>;
  /** To the same owner in another rollup, executed on L1 once it is final. Throws as `transfer`. */
  move(request: MoveRequest): Promise<TransferHandle>;
  /**
   * Sends a signed transfer that `onSigned` was told of, again: it is included once. Resolves as `transfer`.
   *
   * @throws RollupError as the sequencer refuses it; NONCE_USED or EXPIRED then means that it was not paid and never will be:
   * another transfer of this key is shown to have its nonce, or its time was over a day ago. TRANSFER_UNCERTAIN before that.
   */
  resume(signed: SignedPayment, options?: CallOptions): Promise<TransferHandle>;

  /** Pays out final withdrawals on L1, with proofs made from L1 alone. */
  claim(options?: ClaimOptions): Promise<readonly PaidOut[]>;
  /**
   * Asks L1 to pay out an account in full, whether the sequencer likes it or not; `claim` pays once it is final.
   *
   * @throws RollupError NOT_FOUND when the wallet has no account in the token.
   */
  forceExit(request?: CallOptions & { readonly token?: TokenRef; readonly account?: number }): Promise<PriorityHandle>;
  /**
   * The way out without any sequencer: requests, and once they are overdue the exodus, then all payments. Call it again later:
   * it goes on where it stopped, and pays nothing twice.
   *
   * @throws RollupError LIE_FINAL, BLOB_UNAVAILABLE or L1_INCONSISTENT when L1 cannot be rebuilt; EXODUS_NOT_DUE.
   */
  exitFromL1(options?: ExitOptions): Promise<ExitFromL1>;

  /** What happened to an account, newest first, read page by page as it is asked for. */
  history(options?: HistoryOptions): AsyncIterable<HistoryItem>;
  /**
   * Payments to the wallet in the order of the log, each once. Survives restarts of the sequencer and cut or silent connections;
   * after one of your own, go on behind the last `sequence` that you kept. A token that cannot be read keeps nothing back: its
   * payments come with `token.isUnreadable`. While L1, where the wallet has one, cannot be asked for a token, payments wait.
   *
   * @throws the signal's reason when it is aborted.
   * @example for await (const payment of wallet.watch({ fromSequence: last + 1 })) await credit(payment);
   */
  watch(options?: WatchOptions): AsyncIterable<IncomingPayment>;

  /** The handle of a transfer that was sent before, by this process or another. */
  handleOf(id: string): Handle<TransferStatus>;
  /** The handle of a deposit or exit request, by its number on L1. */
  operationOf(operationId: number): Handle<PriorityStatus>;
  /** Ends connections, and every `watch`. */
  close(): void;
}
