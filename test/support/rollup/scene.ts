/** Four accounts and hand-made records: for tests that break exactly one rule. */

import assert from 'node:assert/strict';
import {
  type Account,
  applyOperation,
  type ChunkContext,
  createKeyPair,
  FEE_TOKEN_FILLER,
  type KeyPair,
  type Operation,
  type Outcome,
  type RecordErrorCode,
  type RecordFields,
  type RecordWords,
  RollupState,
  signMessage,
  transactionMessage,
} from '@quittance/protocol';
import { assertCode, codeOf } from '../assertions.ts';
import { executeChunk } from './execute-chunk.ts';
import { portableCrypto } from './world.ts';

export const DOMAIN = 77n;
export const BATCH_TIME = 1_800_000_000;
export const NO_FEES: readonly bigint[] = [0n, 0n, 0n, 0n];
export const CONTEXT: ChunkContext = {
  domain: DOMAIN,
  batchTime: BATCH_TIME,
  feeTokens: [0n, 1n, FEE_TOKEN_FILLER, FEE_TOKEN_FILLER],
};

const keyPairOf = (seed: number): KeyPair => createKeyPair(new Uint8Array(32).fill(seed));

/** Alice and Bob hold token 0, Carol token 1, Dave token 9, in which no fees can be paid. */
export const KEYS = { alice: keyPairOf(1), bob: keyPairOf(2), carol: keyPairOf(3), dave: keyPairOf(4) };
export type Name = keyof typeof KEYS;
export const INDEX: Readonly<Record<Name, number>> = { alice: 1, bob: 2, carol: 2 ** 18, dave: 4 ** 12 - 1 };
/** A leaf that is empty. */
export const EMPTY_INDEX = 1_000;

const TOKEN: Readonly<Record<Name, number>> = { alice: 0, bob: 0, carol: 1, dave: 9 };

export const accountOf = (name: Name): Account => ({
  keyY: KEYS[name].publicKey.y,
  owner: BigInt(INDEX[name]) + 0xaaaa0000n,
  tokenId: TOKEN[name],
  nonce: 5,
  balance: 1_000n,
});

/** The scene's state, with fields of accounts changed. */
export function createState(changes: Partial<Record<Name, Partial<Account>>> = {}): RollupState {
  const names = Object.keys(KEYS) as Name[];
  return new RollupState(
    portableCrypto.hasher,
    names.map((name) => [INDEX[name], { ...accountOf(name), ...changes[name] }]),
  );
}

/** What a signed record says; whatever is left out is as the scene has it. */
export interface Draft {
  readonly kind: number;
  readonly signer?: Name;
  readonly from?: number;
  readonly to?: number;
  readonly amountFloat?: bigint;
  readonly feeFloat?: number;
  readonly words?: RecordWords;
  readonly nonce?: number;
  readonly validUntil?: number;
  readonly domain?: bigint;
  readonly receiver?: { readonly keyY: bigint; readonly owner: bigint };
}

/** (a, b) of the message of kinds 2, 3 and 7. */
function receiverIn(kind: number, words: RecordWords): { keyY: bigint; owner: bigint } {
  if (kind === 2) return { keyY: words[0]!, owner: words[1]! };
  return { keyY: kind === 7 ? words[0]! : 0n, owner: 0n };
}

/** A record of kind 1 to 3 or 7 that its signer has signed, whether or not it makes sense. */
function signedOperation(draft: Draft): Operation {
  const { kind, signer = 'alice', words = [] } = draft;
  const fields: RecordFields = {
    kind,
    from: draft.from ?? INDEX[signer],
    to: draft.to ?? 0,
    amountFloat: draft.amountFloat ?? 100n,
    feeFloat: draft.feeFloat ?? 0,
  };
  const receiver = draft.receiver ?? receiverIn(kind, words);
  const validUntil = draft.validUntil ?? 0;
  const message = transactionMessage(portableCrypto.hasher, {
    domain: draft.domain ?? DOMAIN,
    fields,
    nonce: draft.nonce ?? 5,
    validUntil,
    receiverKeyY: receiver.keyY,
    receiverOwner: receiver.owner,
  });
  const { r8, s } = signMessage(portableCrypto.hasher, KEYS[signer], message);
  return { fields, words, authorization: { validUntil, keyX: KEYS[signer].publicKey.x, r8, s } };
}

/** Alice pays Bob, or who is named. */
export const transfer = (draft: Partial<Draft> = {}, receiver: Name = 'bob'): Operation =>
  signedOperation({ kind: 1, to: INDEX[receiver], receiver: accountOf(receiver), ...draft });

/** The key and owner that `transferToNew` pays. */
export const NEWCOMER = { keyY: keyPairOf(9).publicKey.y, owner: 0xbbbbn };

/** Alice creates an account. */
export const transferToNew = (draft: Partial<Draft> = {}): Operation =>
  signedOperation({ kind: 2, to: EMPTY_INDEX, words: [NEWCOMER.keyY, NEWCOMER.owner, 0n], ...draft });

/** owner + 2^160·tokenId of the scene's accounts. */
export const ownerAndToken = (name: Name): bigint => accountOf(name).owner + 2n ** 160n * BigInt(TOKEN[name]);

/** Alice, or who signs, withdraws 100. */
export const withdraw = (draft: Partial<Draft> = {}): Operation =>
  signedOperation({
    kind: 3,
    words: [0n, ownerAndToken(draft.signer ?? 'alice'), draft.amountFloat ?? 100n],
    ...draft,
  });

/** Number of a destination, which need not exist, and the key there. */
export const DESTINATION = { number: 3, keyY: keyPairOf(8).publicKey.y };

/** Alice, or who signs, moves 100 to another rollup. */
export const move = (draft: Partial<Draft> = {}): Operation =>
  signedOperation({
    kind: 7,
    to: DESTINATION.number,
    words: [DESTINATION.keyY, ownerAndToken(draft.signer ?? 'alice'), draft.amountFloat ?? 100n],
    ...draft,
  });

/** The four signed kinds by name. */
export const SIGNED_KINDS = { transfer, transferToNew, withdraw, move };

/** A record without signature. */
export const unsigned = (kind: number, fields: Partial<RecordFields> = {}, words: RecordWords = []): Operation => ({
  fields: { kind, from: 0, to: 0, amountFloat: 0n, feeFloat: 0, ...fields },
  words,
});

/** Bob's account receives a deposit of 100. */
export const deposit = (fields: Partial<RecordFields> = {}, words?: RecordWords): Operation =>
  unsigned(4, { to: INDEX.bob, ...fields }, words ?? [accountOf('bob').keyY, ownerAndToken('bob'), 100n]);

/** Alice's account is emptied by an exit. */
export const forcedExit = (fields: Partial<RecordFields> = {}, words?: RecordWords): Operation =>
  unsigned(5, { from: INDEX.alice, ...fields }, words ?? [0n, ownerAndToken('alice'), 1_000n]);

/** Bob's account collects the fees of token 0. */
export const collectFee = (fields: Partial<RecordFields> = {}): Operation => unsigned(6, { to: INDEX.bob, ...fields });

export interface Circumstances {
  readonly state?: RollupState;
  readonly context?: ChunkContext;
  readonly fees?: readonly bigint[];
}

/** The scene as it is: shared, because each use asserts that it stays so. */
const UNCHANGED = createState();

/** Outcome of an operation on the scene, asserting that asking changes nothing. */
export function outcomeOf(operation: Operation, circumstances: Circumstances = {}): Outcome {
  const { state = UNCHANGED, context = CONTEXT, fees = NO_FEES } = circumstances;
  const before = { root: state.root, accounts: [...state.accounts()] };
  const outcome = applyOperation(portableCrypto, state, operation, context, fees);
  assert.deepEqual({ root: state.root, accounts: [...state.accounts()] }, before);
  return outcome;
}

/** Asserts that the operation is valid, and returns its effects. */
export function assertValid(operation: Operation, circumstances: Circumstances = {}) {
  const outcome = outcomeOf(operation, circumstances);
  assert.ok(outcome.valid, outcome.valid ? '' : `${outcome.invalid.code}: ${outcome.invalid.message}`);
  return outcome.effects;
}

/** Asserts that exactly this rule is named, that a chunk with the record fails by it, and that the state stays. */
export function assertInvalid(operation: Operation, code: RecordErrorCode, circumstances: Circumstances = {}): void {
  const { state = UNCHANGED, context = CONTEXT } = circumstances;
  assert.equal(codeOf(outcomeOf(operation, { ...circumstances, state })), code);
  // With fee sums that are not those of a chunk's start, the record cannot stand first.
  if (circumstances.fees !== undefined) return;
  const before = { root: state.root, accounts: [...state.accounts()] };
  const error = assertCode(() => executeChunk(portableCrypto, state, [operation], context), code);
  assert.equal(error.data['slot'], 0);
  assert.deepEqual({ root: state.root, accounts: [...state.accounts()] }, before);
}
