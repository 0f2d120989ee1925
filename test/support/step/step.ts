/** The step verifier deployed, and both answers to one record: Solidity's and TypeScript's. */

import assert from 'node:assert/strict';
import {
  type Account,
  addressText,
  applyOperation,
  type ChunkContext,
  type Crypto,
  createStepWitness,
  decodeAuthorization,
  encodeAuthorization,
  encodeRecord,
  isVisibleKind,
  type Operation,
  RECORD_ERROR_CODES,
  type RecordErrorCode,
  type RecordFields,
  type RecordWords,
  type RollupState,
  type StepLeaf,
  type StepState,
  type StepWitness,
} from '@quittance/protocol';
import { createL1 } from '../contracts/deployment.ts';
import type { ContractWith } from '../contracts/types.ts';

/** A record as an asserted batch carries it. */
export interface StepRecord {
  readonly fields: RecordFields;
  readonly words: RecordWords;
  /** 69 bytes for kinds 1 to 3 and 7, else none. */
  readonly authorization: Uint8Array;
}

/** All but the record: where it is executed. */
export interface StepScene {
  readonly crypto: Crypto;
  readonly state: RollupState;
  readonly context: ChunkContext;
  readonly fees: readonly bigint[];
  /** Visible records of the chunk before; none when left out. */
  readonly visibleCount?: number;
}

export type StepResult = { readonly code: 'valid'; readonly state: StepState } | { readonly code: RecordErrorCode };

const NO_ACCOUNT: Account = { keyY: 0n, owner: 0n, tokenId: 0, nonce: 0, balance: 0n };
const address = (owner: bigint) => addressText(owner);

function evmLeaf({ account, siblings }: StepLeaf) {
  const { owner, ...leaf } = account ?? NO_ACCOUNT;
  return { exists: account !== undefined, leaf: { ...leaf, owner: address(owner) }, siblings };
}

/** A witness as the contract takes it; tests forge parts of it. */
export function evmWitness({ from, to, keyX, r8X }: StepWitness) {
  return { from: evmLeaf(from), to: evmLeaf(to), keyX, r8X };
}
export type EvmWitness = ReturnType<typeof evmWitness>;

export function evmArguments(
  { state, context, fees, visibleCount = 0 }: StepScene,
  { fields, words, authorization }: StepRecord,
) {
  return [
    { stateRoot: state.root, fees, visibleCount },
    { domain: context.domain, batchTime: context.batchTime, feeTokens: context.feeTokens },
    { record: encodeRecord(fields), words, authorization },
  ] as const;
}

/** The record of an operation. @throws RollupError NOT_REPRESENTABLE when its signature has no encoding. */
export function recordOf({ fields, words, authorization }: Operation): StepRecord {
  return {
    fields,
    words,
    authorization: authorization === undefined ? new Uint8Array() : encodeAuthorization(authorization),
  };
}

/** The operation that a record means in a state. */
export function operationOf(state: RollupState, { fields, words, authorization }: StepRecord): Operation {
  if (authorization.length === 0) return { fields, words };
  return { fields, words, authorization: decodeAuthorization(authorization, state.get(fields.from)?.keyY ?? 0n) };
}

/** What TypeScript says. The state is as before. */
export function expectedResult(scene: StepScene, record: StepRecord): StepResult {
  const { crypto, state, context, fees, visibleCount = 0 } = scene;
  const outcome = applyOperation(crypto, state, operationOf(state, record), context, fees);
  if (!outcome.valid) return { code: outcome.invalid.code };
  for (const change of outcome.effects.changes) state.write(change);
  const after = {
    stateRoot: state.root,
    fees: outcome.effects.fees,
    visibleCount: visibleCount + (isVisibleKind(record.fields.kind) ? 1 : 0),
  };
  state.undo(outcome.effects.changes);
  return { code: 'valid', state: after };
}

export type StepContract = ContractWith<'executeStep' | 'commitmentOf'>;

/** The verifier and its hashes on a fresh L1. */
export async function deployStepVerifier() {
  const l1 = await createL1();
  const { ethers } = l1;
  const poseidon4 = await ethers.deployContract('Poseidon4');
  const poseidon5 = await ethers.deployContract('Poseidon5');
  const verifier = await ethers.deployContract('StepVerifier', [poseidon4, poseidon5]);
  return { ethers, poseidon4, poseidon5, verifier: verifier as unknown as StepContract };
}
export type StepDeployment = Awaited<ReturnType<typeof deployStepVerifier>>;

/** What Solidity says, by default with the honest witness. Rejects when the contract reverts. */
export async function executeStep(
  verifier: StepContract,
  scene: StepScene,
  record: StepRecord,
  witness: EvmWitness = evmWitness(createStepWitness(scene.state, record.fields, record.authorization)),
): Promise<StepResult> {
  const answer: unknown = await verifier.executeStep(...evmArguments(scene, record), witness);
  const { result, state } = answer as {
    result: bigint;
    state: { stateRoot: bigint; fees: bigint[]; visibleCount: bigint };
  };
  const { stateRoot, fees, visibleCount } = state;
  if (result !== 0n) {
    assert.deepEqual(
      [stateRoot, ...fees, visibleCount],
      Array<bigint>(6).fill(0n),
      'an invalid record has no state after it',
    );
    return { code: RECORD_ERROR_CODES[Number(result) - 1]! };
  }
  return { code: 'valid', state: { stateRoot, fees: [...fees], visibleCount: Number(visibleCount) } };
}

/** Asserts that both say the same, and that it is `code` if one is given. */
export async function assertSameResult(
  verifier: StepContract,
  scene: StepScene,
  record: StepRecord,
  code?: StepResult['code'],
): Promise<StepResult> {
  const expected = expectedResult(scene, record);
  if (code !== undefined) assert.equal(expected.code, code);
  assert.deepEqual(await executeStep(verifier, scene, record), expected);
  return expected;
}
