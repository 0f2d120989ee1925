/**
 * What follows from each error code: the JSON-RPC number that callers see, the exit code of a command that ends with
 * it, whether it passes by itself, and a hint for people. The one place for all four; exhaustive by its type.
 */

import type { ErrorCode, OperatingErrorCode } from './data.ts';
import { RECORD_ERROR_CODES, type RecordErrorCode } from './record-codes.ts';

/** Numbers of JSON-RPC errors; those above −32099 to −32000 are ours (JSON-RPC 2.0, section 5.1). */
export const RpcNumber = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  invalidInput: -32000,
  notFound: -32001,
  rejected: -32003,
  /** The service as a whole does not do this now (EIP-1474). */
  unavailable: -32002,
  limit: -32005,
} as const;
export type RpcNumber = (typeof RpcNumber)[keyof typeof RpcNumber];

/** Exit codes of the command line. Scripts branch on them. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  timeout: 4,
  rejected: 5,
  mismatch: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export interface ErrorRow {
  readonly rpc: RpcNumber;
  readonly exit: ExitCode;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly passes: boolean;
  /** What to do about it, where the message cannot know. */
  readonly hint?: string;
}

const { internal, invalidInput, notFound, rejected, unavailable, limit } = RpcNumber;

const row = (rpc: RpcNumber, exit: ExitCode, passes: boolean, hint?: string): ErrorRow =>
  hint === undefined ? { rpc, exit, passes } : { rpc, exit, passes, hint };

const badInput = (hint?: string) => row(invalidInput, ExitCode.rejected, false, hint);
const refused = (hint?: string) => row(rejected, ExitCode.rejected, false, hint);
/** The service cannot do it; callers only learn the code. */
const failed = (exit: ExitCode, hint?: string) => row(internal, exit, false, hint);
const passing = (exit: ExitCode, hint?: string) => row(internal, exit, true, hint);
const later = (hint: string) => row(limit, ExitCode.rejected, true, hint);

/** A record of these shapes is no record at all: the caller's encoding is at fault, not the state. */
const SHAPE_CODES: ReadonlySet<RecordErrorCode> = new Set<RecordErrorCode>([
  'RESERVED_KIND',
  'NONZERO_FIELD',
  'WORD_COUNT',
  'INDEX_RANGE',
  'WORD_RANGE',
]);

const AFTER_TROUBLE = 'send it again once rollup_syncStatus names no trouble';

const RECORD_HINTS: Partial<Record<RecordErrorCode, string>> = {
  INSUFFICIENT_BALANCE: 'amount and fee together must not exceed the balance',
  BAD_SIGNATURE: 'sign record, nonce, expiry and receiver with the domain of rollup_getConfig',
  EXPIRED: 'sign again with a later validUntil; see minimumValiditySeconds of rollup_getConfig',
  NOT_FEE_TOKEN: 'only the tokens of rollup_getConfig can be sent; a forced exit on L1 is always possible',
  RECEIVER_EMPTY: 'use the kind transferToNew with the key and owner of the receiver',
};

const RECORD_ROWS = Object.fromEntries(
  RECORD_ERROR_CODES.map((code) => [
    code,
    SHAPE_CODES.has(code) ? badInput(RECORD_HINTS[code]) : refused(RECORD_HINTS[code]),
  ]),
) as Record<RecordErrorCode, ErrorRow>;

const OPERATING_ROWS: Readonly<Record<OperatingErrorCode, ErrorRow>> = {
  OUT_OF_RANGE: badInput(),
  NOT_REPRESENTABLE: badInput(
    'take one of the values next to it: amounts have 35 significant bits times a power of ten, fees 11',
  ),
  WRONG_LENGTH: badInput(),
  INVALID_ADDRESS: badInput(),
  INVALID_HEX: badInput(),
  INVALID_KEY: badInput('use a key made by the wallet: it must generate the prime subgroup of BabyJubJub'),
  ZERO_OWNER: badInput('name the L1 address that may withdraw'),

  NONCE_GAP: refused('send the transfers with the nonces in between first'),
  NONCE_USED: refused('read the account with the tag "latest" and sign again with its nonce'),
  FEE_TOO_LOW: refused('ask rollup_estimateFee and sign again'),
  WRONG_DOMAIN: refused('the transfer was signed for another chain or contract; see rollup_getConfig'),
  BAD_REFERENCE: refused('sign the reference with the key of the sender: docs/protocol.md, Payment references'),
  REFERENCE_KEPT: refused('the transfer itself stands; to say something else, send another one'),
  NO_FEE_ACCOUNT: refused('the operator has to open an account in this token first; pay in another one'),
  MEMPOOL_FULL: later('wait a few seconds and send it again'),
  ACCOUNT_CHANGED: later('send it again'),
  TREE_FULL: refused('pay to an account that exists'),
  DESTINATION_UNKNOWN: refused('register the contract on L1 first, or wait until the block that did is confirmed'),
  DESTINATION_REFUSES: refused('withdraw and claim on L1, or choose another destination'),

  NOT_FOUND: row(notFound, ExitCode.failed, false),
  BEING_SEALED: row(limit, ExitCode.timeout, true, 'ask again in a second'),
  READ_ONLY: row(
    unavailable,
    ExitCode.rejected,
    false,
    'reads go on; see rollup_syncStatus. Only the operator can end this',
  ),
  SHUTTING_DOWN: later('wait a few seconds and send it again'),
  RATE_LIMITED: later('wait as long as the header Retry-After says; what calls weigh is in docs/rpc.md'),
  BODY_TOO_LARGE: row(
    limit,
    ExitCode.rejected,
    false,
    'send long lists in several calls; see limits of rollup_getConfig',
  ),

  FEES_NOT_COLLECTED: failed(ExitCode.failed),
  CHUNK_SIZE: failed(ExitCode.failed),
  FEE_TOKEN_ORDER: failed(ExitCode.failed),

  BLOB_ELEMENT_RANGE: failed(ExitCode.failed),
  BLOB_COEFFICIENT_RANGE: failed(ExitCode.mismatch),
  BLOB_TAIL: failed(ExitCode.mismatch),
  BLOB_SOURCE_FAILED: passing(ExitCode.unreachable),
  BLOB_UNAVAILABLE: passing(
    ExitCode.unreachable,
    'add --blob-source of an archive or of a node that keeps all blobs; the others drop them after 18 days',
  ),
  BLOB_LATE: passing(ExitCode.unreachable),

  SNAPSHOT_DAMAGED: failed(ExitCode.failed, 'get it from another archive, or replay without one'),
  SNAPSHOT_FOREIGN: failed(ExitCode.mismatch, 'it is of another rollup, or was changed: take one of another archive'),

  ARTIFACT_DAMAGED: failed(ExitCode.failed),
  ARTIFACT_MISSING: failed(ExitCode.failed),
  CIRCUIT_REFUSED: failed(ExitCode.failed),
  TAPE_IMPOSSIBLE: failed(ExitCode.failed),
  NATIVE_UNAVAILABLE: failed(ExitCode.failed),
  WITNESS_REJECTED: failed(ExitCode.failed),
  PROOF_UNREADABLE: badInput(),
  VERIFYING_KEY_UNREADABLE: row(
    invalidInput,
    ExitCode.usage,
    false,
    'name a verification_key.json as snarkjs or `quittance setup` writes it',
  ),
  KEY_OF_ANOTHER_CIRCUIT: row(invalidInput, ExitCode.usage, false, 'take the key of this profile and commit'),
  POWERS_OF_TAU_UNSUITABLE: row(
    invalidInput,
    ExitCode.usage,
    false,
    'take a larger powersOfTau28_hez_final_….ptau, prepared for phase 2',
  ),
  BEACON_INVALID: row(invalidInput, ExitCode.usage, false, 'name 8 to 255 bytes in hexadecimal'),
  PROOF_INVALID: failed(ExitCode.mismatch),
  PROVING_FAILED: passing(ExitCode.failed),
  INSECURE_KEY: failed(ExitCode.mismatch),
  RESOURCES_SHORT: failed(ExitCode.failed),
  CANCELLED: row(limit, ExitCode.interrupted, true, 'wait a few seconds and send it again'),
  QUEUE_FULL: passing(ExitCode.rejected),

  PROVER_TOKEN_REFUSED: refused('ask the operator for a token: quittance prover token add'),
  PROVER_QUARANTINED: refused('repair the prover, then ask the operator for a new token'),
  STATEMENT_CLOSED: refused(),
  JOB_UNREADABLE: row(rejected, ExitCode.mismatch, false, 'use the version of quittance that the sequencer has'),

  DATABASE_DAMAGED: failed(ExitCode.failed),
  DISK_FULL: failed(ExitCode.failed),
  ACKNOWLEDGED_LOST: failed(ExitCode.mismatch),
  COPY_INVALID: failed(ExitCode.mismatch),
  RECOVERY_CONFLICT: failed(ExitCode.mismatch),
  DATABASE_IN_USE: failed(ExitCode.usage),
  DATABASE_FOREIGN: failed(ExitCode.usage),
  DATABASE_NEWER: failed(ExitCode.usage),
  DATABASE_OLDER: failed(ExitCode.usage),

  NOT_LEADER: row(unavailable, ExitCode.unreachable, true, 'send it again in a few seconds, to any node'),
  JOURNAL_UNAVAILABLE: row(unavailable, ExitCode.unreachable, true, 'send it again in a few seconds'),
  JOURNAL_FOREIGN: failed(ExitCode.usage),
  JOURNAL_DAMAGED: failed(ExitCode.mismatch),
  JOURNAL_BEHIND: failed(ExitCode.mismatch),
  JOURNAL_UNSUITABLE: failed(ExitCode.usage),
  QUORUM_MISSING: row(
    unavailable,
    ExitCode.unreachable,
    true,
    'bring the standby back, or start without --require-quorum: docs/how-to/run-a-cluster.md',
  ),
  REPLICA_DIVERGED: failed(ExitCode.mismatch),
  REPLICA_BEHIND: row(unavailable, ExitCode.timeout, true, 'ask again in a second, or ask another node'),

  L1_UNREACHABLE: passing(ExitCode.unreachable),
  L1_REJECTED: passing(ExitCode.rejected),
  L1_WRONG_CHAIN: failed(ExitCode.usage),
  L1_LOGS_INCOMPLETE: passing(ExitCode.unreachable),
  L1_LOG_FOREIGN: passing(ExitCode.unreachable),
  L1_INCONSISTENT: passing(ExitCode.unreachable),
  L1_NOT_SYNCED: passing(ExitCode.unreachable),
  L1_BEHIND: passing(ExitCode.unreachable),
  L1_REORG: passing(ExitCode.failed),
  OPERATION_TAKEN_BACK: row(unavailable, ExitCode.rejected, true, AFTER_TROUBLE),
  OPERATION_REPLACED: row(unavailable, ExitCode.rejected, true, AFTER_TROUBLE),
  UNDONE_BY_REORG: refused('deposit again if L1 does not have the deposit any more, then sign again'),
  L1_LOG_UNREADABLE: passing(ExitCode.unreachable),
  CALLDATA_UNREADABLE: passing(ExitCode.unreachable),
  L1_TRANSACTION_UNKNOWN: passing(ExitCode.unreachable),
  NO_OPTIMISTIC_MODE: failed(ExitCode.usage),
  NO_DEPLOYMENT: failed(ExitCode.usage),
  INSUFFICIENT_FUNDS: failed(ExitCode.rejected),
  NONCE_TAKEN: passing(ExitCode.rejected),
  NONCE_AHEAD: passing(ExitCode.rejected),
  TRANSACTION_FAILED: passing(ExitCode.rejected),
  TRANSACTION_STUCK: passing(ExitCode.timeout),
  ACCOUNT_RESERVED: passing(
    ExitCode.rejected,
    'wait until the pending transaction is in a block, or use another account',
  ),

  FOREIGN_BATCH: passing(ExitCode.failed),
  FOREIGN_BATCH_FINAL: failed(ExitCode.mismatch),
  WAITING_FULL: passing(ExitCode.rejected),
  ANSWER_DUE: passing(ExitCode.rejected),
  BATCH_TOO_OLD: failed(ExitCode.failed),
  BATCH_OF_ANOTHER_MODE: passing(ExitCode.rejected),
  BATCH_REJECTED: failed(ExitCode.mismatch),
  LIE_FINAL: failed(ExitCode.mismatch),
  LIE_WAITING: failed(ExitCode.mismatch),
  CLAIM_FALSE: failed(ExitCode.mismatch),
  MOVE_OUTDATED: passing(ExitCode.failed),
  PARENT_MISMATCH: failed(ExitCode.failed),

  SIGNER_UNREACHABLE: passing(ExitCode.unreachable, 'see that the signer runs, and that this machine may ask it'),
  SIGNER_DECLINED: passing(ExitCode.rejected, 'read what the signer says, and its own log'),
  SIGNER_MISMATCH: failed(ExitCode.mismatch, 'see which signer --signer-url names, and what stands before it'),
  SIGNER_REFUSED: refused('confirm in the wallet, or leave it'),
  SIGNER_WRONG_CHAIN: refused('switch the wallet to the other chain'),
  CONTRACT_ACCOUNT: refused('give a rollupSecret of your own (32 random bytes), and keep a backup of it'),
  TRANSFER_UNCERTAIN: row(
    limit,
    ExitCode.timeout,
    true,
    'ask for it by its id, or send the same signed transfer again',
  ),
  FEE_DISPROPORTIONATE: refused('if that is what you want, name the fee yourself'),
  RECEIVER_AMBIGUOUS: refused('ask the payee for their receiver: owner and key'),
  TOKEN_UNSUITABLE: refused('only tokens that deliver exactly what is sent can be deposited'),
  EXODUS_NOT_DUE: row(rejected, ExitCode.rejected, true, 'request an exit, and come back when it is overdue'),

  RPC_UNREACHABLE: passing(ExitCode.unreachable),
  RPC_TIMEOUT: passing(ExitCode.timeout),
  RPC_ANSWER_INVALID: failed(ExitCode.failed),
  RPC_VERSION: failed(
    ExitCode.usage,
    'use the version of @quittance/sdk or quittance that belongs to the sequencer; version of rollup_getConfig names it',
  ),
  ACKNOWLEDGEMENT_MISMATCH: failed(ExitCode.mismatch),
  CHANNEL_CHANGE_REFUSED: refused(),
  CHANNEL_FUNDS_SHORT: refused(),
  CHANNEL_PEER_WRONG: failed(
    ExitCode.mismatch,
    'the newest state that both signed still counts: close the channel, together or alone',
  ),
  CHANNEL_CLOSED: refused('open another channel, or pay on the rollup'),
  CHANNEL_PAYMENT_FAILED: refused('try again later or by another route, or pay on the rollup'),
  CHANNEL_PAYMENT_UNCERTAIN: refused('ask the payee whether it has the money before it is paid again'),
  CHANNEL_INVOICE_INVALID: refused('ask the payee for a new one'),
  CHANNEL_PEER_AWAY: passing(ExitCode.unreachable),
  PAYMENT_IMPOSSIBLE: refused('pay once one of the ways is there; the same key may be used'),
  PAYMENT_KEY_REUSED: refused('take a new key for a new payment'),
  WEBHOOK_FAILED: passing(ExitCode.unreachable),
  CONFIG_INVALID: failed(ExitCode.usage),
  TIMEOUT: passing(ExitCode.timeout),
  TRANSFER_DROPPED: failed(ExitCode.rejected),
  DEPLOYMENT_MISMATCH: failed(ExitCode.mismatch),
  INVARIANT_BROKEN: failed(ExitCode.failed),
  ENGINES_DISAGREE: failed(ExitCode.mismatch),
};

/** Every code with what follows from it. */
export const ERRORS: Readonly<Record<ErrorCode, ErrorRow>> = { ...RECORD_ROWS, ...OPERATING_ROWS };

/** Whether `text` is a code of this version. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}
