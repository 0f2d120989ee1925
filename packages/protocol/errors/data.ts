/**
 * The values that go with each error code, so that whoever raises a code names them and whoever catches it can use
 * them. The keys are the registry: a code that is not here does not exist, and `table.ts` has a row for each.
 *
 * One code has one cause. What has another cause, or another way out, gets another code.
 */

import type { RecordErrorCode } from './record-codes.ts';

/** A value of an error; JSON-safe once bigints are written as decimal strings. */
export type ErrorValue = string | number | bigint | boolean | null | undefined;

/** The values of an error whose code is not known where it is read. */
export type ErrorData = Readonly<Record<string, ErrorValue>>;

/** What was asked for and what there is. */
type Compared = { expected: ErrorValue; actual: ErrorValue };

/** A rule of a record: the slot where the record stands in a chunk, and what else the rule names. */
type RuleData = ErrorData & { slot?: number; expected?: ErrorValue; actual?: ErrorValue };

type RecordErrorData = { [Code in RecordErrorCode]: RuleData };

export interface OperatingErrorData {
  // values and encodings
  /** A number, a list or an index beyond its range. */
  OUT_OF_RANGE: ErrorData & { actual?: ErrorValue };
  /** A value that has no exact encoding; of a number that is in range, those next to it that have one. */
  NOT_REPRESENTABLE: ErrorData & { below?: bigint | undefined; above?: bigint | undefined };
  /** Bytes or a list of another length than the format has. */
  WRONG_LENGTH: { name: string } & Compared;
  /** Text that is no L1 address. */
  INVALID_ADDRESS: { name: string; actual: ErrorValue };
  /** Text that is no hexadecimal of at most 32 bytes. */
  INVALID_HEX: { actual: ErrorValue };
  /** A key or a secret that no wallet of ours makes. */
  INVALID_KEY: ErrorData;
  /** A receiver whose L1 owner is address 0: nobody could withdraw. */
  ZERO_OWNER: { name: string };
  // admission of a transfer
  NONCE_GAP: { expected: number; actual: number };
  NONCE_USED: { expected: number; actual: number };
  FEE_TOO_LOW: Compared;
  WRONG_DOMAIN: Compared;
  /** The signature of a payment reference does not verify. */
  BAD_REFERENCE: Compared;
  /** The transfer was taken before, with another payment reference or none, which stays. `expected` is that which is kept. */
  REFERENCE_KEPT: Compared;
  /** The operator has no account yet that could take fees in this token. */
  NO_FEE_ACCOUNT: { tokenId: number };
  /** Too many transfers wait for a batch. */
  MEMPOOL_FULL: Compared;
  /** An account that a transfer names changed while its signature was checked. */
  ACCOUNT_CHANGED: ErrorData;
  /** No leaf is left for a new account. */
  TREE_FULL: Compared;
  /** A move to a number that no destination on L1 has. */
  DESTINATION_UNKNOWN: Compared;
  /** A destination that would not take a move now. */
  DESTINATION_REFUSES: { destination: string; tokenId: number };
  // what a sequencer answers
  /** There is no such account, transfer, batch, … */
  NOT_FOUND: ErrorData;
  /** A batch is being sealed at this moment; the answer comes after it. */
  BEING_SEALED: ErrorData;
  /** The sequencer has stopped taking transfers; reads go on. */
  READ_ONLY: { reason: string };
  /** An address asks for more than its share; nothing of the request was done. */
  RATE_LIMITED: { retryAfterSeconds: number } & Compared;
  /** A request is longer than what it asks for can be. */
  BODY_TOO_LARGE: { expected: number; actual: number | undefined };
  /** The sequencer is stopping. */
  SHUTTING_DOWN: ErrorData;
  // chunks and batches
  FEES_NOT_COLLECTED: ErrorData;
  CHUNK_SIZE: { expected?: ErrorValue; actual: number };
  FEE_TOKEN_ORDER: ErrorData;
  // blobs
  /** Bytes that are no blob: an element is not below q. */
  BLOB_ELEMENT_RANGE: { position: number; actual: bigint };
  /** A blob of a proven batch with a coefficient that is no block of records; nothing proves it. */
  BLOB_COEFFICIENT_RANGE: { position: number; actual: bigint };
  /** A blob of a proven batch with more than the batch's blocks; nothing proves it. */
  BLOB_TAIL: { position: number; actual: bigint };
  /** One place where blobs may be had did not give what it was asked for. */
  BLOB_SOURCE_FAILED: { source: string; reason: string };
  /** No source gave a blob that has this versioned hash. */
  BLOB_UNAVAILABLE: { hash: string; blockNumber: number } & ErrorData;
  /** A blob is being asked for, and has not come while it was waited for. */
  BLOB_LATE: { blockNumber: number };
  /** A snapshot of a state that is not whole. */
  SNAPSHOT_DAMAGED: { reason: string };
  /** A snapshot of another state than the one that L1 has at its batch. */
  SNAPSHOT_FOREIGN: { batch: number } & Compared;
  // artifacts and proofs
  ARTIFACT_DAMAGED: { path: string } & ErrorData;
  ARTIFACT_MISSING: ErrorData;
  /** circom does not compile the source. */
  CIRCUIT_REFUSED: { path: string; exitCode: number | null };
  /** A circuit's calculator takes a course that no witness tape has: circom's own calculator serves. */
  TAPE_IMPOSSIBLE: { reason: string };
  NATIVE_UNAVAILABLE: ErrorData;
  WITNESS_REJECTED: ErrorData;
  /** Data that is no Groth16 proof. */
  PROOF_UNREADABLE: ErrorData;
  /** Data that is no Groth16 verifying key over BN254. */
  VERIFYING_KEY_UNREADABLE: ErrorData;
  /** A proving key that does not belong to the circuit at hand. */
  KEY_OF_ANOTHER_CIRCUIT: { path: string } & ErrorData;
  /** A powers-of-tau file that is too small, not prepared for phase 2, or of another curve. */
  POWERS_OF_TAU_UNSUITABLE: { path: string };
  /** Text that is no beacon of a ceremony. */
  BEACON_INVALID: { actual: string };
  /** A proof that does not verify. */
  PROOF_INVALID: ErrorData;
  /** The prover ended without a proof. */
  PROVING_FAILED: { reason: string } & ErrorData;
  INSECURE_KEY: ErrorData;
  RESOURCES_SHORT: ErrorData;
  /** Stopped because the caller asked for it. */
  CANCELLED: ErrorData;
  /** More tasks wait than a queue takes. */
  QUEUE_FULL: { limit: number; actual: number };
  // a fleet of provers
  /** A token of a worker that is not known, or was revoked. */
  PROVER_TOKEN_REFUSED: ErrorData;
  /** A worker that delivered invalid proofs. */
  PROVER_QUARANTINED: { strikes: number };
  /** Nothing with this statement waits for a proof: its batch is final, or was sealed anew. */
  STATEMENT_CLOSED: { statement: string };
  /** Bytes that are no chunk to prove, or not the one that was announced. */
  JOB_UNREADABLE: { reason: string } & ErrorData;
  // storage
  DATABASE_DAMAGED: ErrorData;
  /** Another process has the database open. */
  DATABASE_IN_USE: { file: string };
  /** No room on the disk of the database; what was committed is there. */
  DISK_FULL: { file: string };
  /** A damaged database had acknowledged entries that could not be saved. */
  ACKNOWLEDGED_LOST: { first: number; last: number; count: number; known: number };
  /** The log of a database cannot have led to what L1 has: it has other operations, or they stand in another order. */
  RECOVERY_CONFLICT: { file: string; batch: number } & Compared;
  /** What another node gave is no copy of its database, or one that says what nobody signed. */
  COPY_INVALID: { reason: string };
  /** The database was written by a later version. */
  DATABASE_NEWER: { file: string } & Compared;
  /** A damaged database of an earlier version, whose rows this one cannot save. */
  DATABASE_OLDER: { file: string } & Compared;
  /** The database is that of another rollup. */
  DATABASE_FOREIGN: { file: string } & Compared;
  // the journal of several nodes
  /** This node does not lead, or no longer: what it had in hand is not acknowledged. `holder` leads, at the URL `leader`. */
  NOT_LEADER: { epoch: number; holder?: string | undefined; leader?: string | undefined };
  /** The journal does not answer, or its answer was lost: what was being appended may be in it, or may not. */
  JOURNAL_UNAVAILABLE: { reason: string };
  /** The journal is that of another rollup. */
  JOURNAL_FOREIGN: Compared;
  /** The journal is torn: its tables are not ours, or its chain is broken. */
  JOURNAL_DAMAGED: { reason: string } & ErrorData;
  /** The journal ends before what this node knows to be durable, or begins behind what it has. */
  JOURNAL_BEHIND: { expected: number; actual: number };
  /** A PostgreSQL that would lose what it confirmed, or that cannot be written as a journal must be. */
  JOURNAL_UNSUITABLE: { setting: string } & Compared;
  /** Commits of the journal wait for no standby at present, and the operator wants them to. */
  QUORUM_MISSING: { reason: string };
  /** This node comes to another batch than the leader sealed. */
  REPLICA_DIVERGED: { batch: number; what: string } & Compared;
  /** This node does not have what it is asked for yet, or has been behind the journal for long: log entries. */
  REPLICA_BEHIND: { expected: number; actual: number };
  // L1
  L1_UNREACHABLE: ErrorData;
  /** The contract or the node refused a call; `error` is the contract's own name for it. */
  L1_REJECTED: ErrorData & { error: string };
  L1_WRONG_CHAIN: ErrorData;
  /** The node left logs out of its answer: the contract shows more than it gave. */
  L1_LOGS_INCOMPLETE: { what: string } & ErrorData;
  /** The node answered with a log that was not asked for. */
  L1_LOG_FOREIGN: { address: string; block: number; log: number };
  /** Two answers of L1 exclude each other: they come from different nodes, or from before and after a reorganization. */
  L1_INCONSISTENT: { what: string } & Compared;
  /** The node has no newest block yet. */
  L1_NOT_SYNCED: ErrorData;
  /** The node lacks blocks that were read before: it is not synced. */
  L1_BEHIND: { expected: number; actual: number };
  /** L1 took back blocks while they were read. */
  L1_REORG: ErrorData;
  /** L1 took back a priority operation that was taken on; it may be requested again. */
  OPERATION_TAKEN_BACK: { queueIndex: number };
  /** L1 has another priority operation in the place of one that was taken on. */
  OPERATION_REPLACED: { queueIndex: number };
  /** A reorganization of L1 undid an operation, or what a transfer was accepted on. */
  UNDONE_BY_REORG: ErrorData;
  /** A log that none of our events explains. */
  L1_LOG_UNREADABLE: { block: number; log: number };
  /** Calldata that is no call of the contract it went to. */
  CALLDATA_UNREADABLE: { expected: string; actual?: ErrorValue };
  /** The node does not know the transaction, at least not yet. */
  L1_TRANSACTION_UNKNOWN: { transactionHash: string };
  /** The rollup has no optimistic mode. */
  NO_OPTIMISTIC_MODE: { contract: string };
  /** No deployment in the blocks that were searched. */
  NO_DEPLOYMENT: ErrorData;
  /** Too little ETH on L1 for a transaction. */
  INSUFFICIENT_FUNDS: { account: string; balance: bigint; needed: bigint };
  /** Another transaction of the account used the nonce. */
  NONCE_TAKEN: { account: string; nonce: number } & ErrorData;
  /** The account is not yet, or after a reorg not any more, as far as the nonce that the transaction was to use. */
  NONCE_AHEAD: { account: string; nonce: number; next: number };
  /** The transaction is in a block and failed there. */
  TRANSACTION_FAILED: { hash: string } & ErrorData;
  /** The transaction is in no block after all raises of its fee. */
  TRANSACTION_STUCK: { nonce: number } & ErrorData;
  /** The node keeps a pending transaction of the account that only one of the same type may replace (blobs or none). */
  ACCOUNT_RESERVED: { account: string; nonce: number };
  // batches on L1
  /** Another producer's batch waits where ours belongs. */
  FOREIGN_BATCH: { batch: number };
  /** Another batch than ours became final. */
  FOREIGN_BATCH_FINAL: { batch: number } & Compared;
  /** As many batches wait as the contract takes. */
  WAITING_FULL: { maximum: number };
  /** A dispute of a batch of ours waits for its answer, and what can wait waits behind it. */
  ANSWER_DUE: { batch: number };
  /** L1 refuses the batch from now on, because its time lies too far back. */
  BATCH_TOO_OLD: { batch: number; time: number; maxBatchAgeSeconds: number };
  /** L1 has not, or no longer has, a batch whose data is in a form that this mode cannot bring there. */
  BATCH_OF_ANOTHER_MODE: { batch: number } & Compared;
  /** L1 rejected a batch of ours and took its bond. */
  BATCH_REJECTED: ErrorData;
  /** L1 made final what the rules do not give. */
  LIE_FINAL: { batch: number } & ErrorData;
  /** A batch that waits on L1 is wrong. */
  LIE_WAITING: { batches: string };
  /** What a batch claims (a root, a commitment, a header) is not what its records give. */
  CLAIM_FALSE: { batch?: number; name: string } & Compared & ErrorData;
  /** L1 changed since a move in a dispute was planned, so that what the move needs is not there; the next look plans anew. */
  MOVE_OUTDATED: { assertionId: bigint } & ErrorData;
  /** An assertion begins at another state than the one at hand. */
  PARENT_MISMATCH: { batch: number } & Compared;
  // wallets
  /** Whoever signs declined to. Nothing was sent. */
  SIGNER_REFUSED: { account: string };
  /** No answer of an external signer. Nothing was signed. */
  SIGNER_UNREACHABLE: { host: string };
  /** An external signer answered with an error: by its policy, or since what stands behind it fails. Nothing was signed. */
  SIGNER_DECLINED: { account: string };
  /** An external signer signed something else than it was asked to, or cannot sign as is needed. Nothing was sent. */
  SIGNER_MISMATCH: { account: string };
  /** Whoever signs is connected to another chain. Nothing was signed. */
  SIGNER_WRONG_CHAIN: { expected: bigint; actual: bigint };
  /** A contract signs for this address (EIP-1271): no key follows from what it signs. */
  CONTRACT_ACCOUNT: { account: string };
  /** A transfer was sent and no answer came: it may have been taken, and may still be. */
  TRANSFER_UNCERTAIN: { id: string; nonce: number; validUntil: number };
  /** The fee that the sequencer proposes is out of proportion to the amount. */
  FEE_DISPROPORTIONATE: { fee: bigint; amount: bigint };
  /** An L1 address under which several keys have accounts: it does not say whom to pay. */
  RECEIVER_AMBIGUOUS: { owner: string; keyCount: number };
  /** A token that cannot be deposited: it takes a fee, bars somebody, or is not what it says. */
  TOKEN_UNSUITABLE: { token: string; reason: string };
  /** No request is overdue for long enough to open the exodus. `dueAt` in Unix seconds; null while nothing waits. */
  EXODUS_NOT_DUE: { dueAt: number | null };
  // services and commands
  /** No connection to the sequencer, or it is busy. */
  RPC_UNREACHABLE: { url: string } & ErrorData;
  /** No answer of the sequencer in time. */
  RPC_TIMEOUT: { url: string; timeoutMs: number };
  /** An answer that is no JSON-RPC, or an error that this version does not know. */
  RPC_ANSWER_INVALID: ErrorData;
  /** The sequencer speaks another major version of the interface. */
  RPC_VERSION: { url: string } & Compared;
  /** The sequencer acknowledged another transfer than the one that was sent. */
  ACKNOWLEDGEMENT_MISMATCH: Compared;
  /** A change that no channel takes, or not this one now. */
  CHANNEL_CHANGE_REFUSED: { reason: string };
  /** More than a party of a channel can spend in it. */
  CHANNEL_FUNDS_SHORT: { expected: bigint; actual: bigint };
  /** The other party of a channel does what the rules do not allow. */
  CHANNEL_PEER_WRONG: { reason: string };
  /** Nothing more happens in the channel. */
  CHANNEL_CLOSED: ErrorData;
  /** A payment over hubs that was not made; the money is back, or never left. The reason is that of docs/channels.md, Routes. */
  CHANNEL_PAYMENT_FAILED: { hash: string; reason: string };
  /** A payment in a channel of which it is not known whether the payee has the money: nothing else is begun in its place. */
  CHANNEL_PAYMENT_UNCERTAIN: { hash: string; reason: string };
  /** What is no invoice of a channel, or not one that can be paid here. */
  CHANNEL_INVOICE_INVALID: { reason: string };
  /** The other party of a channel cannot be reached now. */
  CHANNEL_PEER_AWAY: { reason: string };
  /** No way leads to a payee: for each way the code why not. Nothing was paid. */
  PAYMENT_IMPOSSIBLE: { channel: string; rollup: string; certified: string };
  /** An idempotency key that stands for another payment. */
  PAYMENT_KEY_REUSED: { key: string } & Compared;
  WEBHOOK_FAILED: ErrorData;
  CONFIG_INVALID: ErrorData;
  /** What was waited for had not come in time; it may still come. */
  TIMEOUT: ErrorData;
  /** The sequencer took a transfer and later dropped it. */
  TRANSFER_DROPPED: { id: string; reason: ErrorValue };
  /** What stands on L1 is not what the deployment was asked for. */
  DEPLOYMENT_MISMATCH: ErrorData;
  /** Something that only a bug of ours explains: stop, keep the state, report it. */
  INVARIANT_BROKEN: ErrorData;
  /** Two engines execute the same batch to different results. `slot` is the first that differs, where both have traces. */
  ENGINES_DISAGREE: { batch: number; what: string; chunk?: number; slot?: number } & Compared;
}

/** The values of each code. */
export type ErrorDataByCode = RecordErrorData & OperatingErrorData;

export type OperatingErrorCode = keyof OperatingErrorData;
export type ErrorCode = RecordErrorCode | OperatingErrorCode;

/** The values of `Code`, as whoever raises it names them. */
export type DataOf<Code extends ErrorCode> = ErrorDataByCode[Code];
