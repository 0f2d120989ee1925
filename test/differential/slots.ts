/** From a judged record to what a slot is given: of an honest prover, and of one who follows no rule. */

import {
  encodeRecord,
  float16,
  float40,
  type Operation,
  type SlotTrace,
  TREE_CAPACITY,
  WORDS_PER_RECORD,
  wordCountOf,
} from '@quittance/protocol';
import { type CircuitInputs, type SlotBinding, slotInputs } from '../../prover/index.ts';
import { EMPTY_LEAF, type RawLeaf, type RawSlot } from '../support/circuits/raw-slot.ts';
import { reduce } from '../support/crypto/field.ts';
import type { StepScene } from '../support/step/step.ts';
import type { JudgedCase } from './rules.ts';

/** What comes from the slots before. */
export interface SlotPrefix {
  readonly challenge: bigint;
  readonly commitment: bigint;
  readonly binding: SlotBinding;
}

/** The words as field elements, absent ones 0. */
const paddedWords = ({ words }: Operation): [bigint, bigint, bigint] => {
  const [w0 = 0n, w1 = 0n, w2 = 0n] = words.map(reduce);
  return [w0, w1, w2];
};

/**
 * The operation that a slot can say in the place of this one: a slot has three words, which are field elements, as the
 * parts of its signature are. It is another one only for what no chunk data or no signature can say.
 */
export function expressibleOf(operation: Operation): Operation {
  const { fields, authorization } = operation;
  const padded = paddedWords(operation);
  const isCut = wordCountOf(fields.kind) < WORDS_PER_RECORD && padded.every((word) => word === 0n);
  const words = isCut ? [] : padded;
  if (authorization === undefined) return { fields, words };
  const { keyX, r8, s } = authorization;
  const reduced = { ...authorization, keyX: reduce(keyX), r8: { x: reduce(r8.x), y: reduce(r8.y) }, s: reduce(s) };
  return { fields, words, authorization: reduced };
}

/** c after the record. */
export function commitmentAfter({ scene, operation }: JudgedCase, commitment: bigint): bigint {
  return scene.crypto.hasher.hash([commitment, encodeRecord(operation.fields), ...paddedWords(operation)]);
}

/** The product's own inputs of a valid record, and the shards after it. The state is as before. */
export function honestInputs(
  { scene, operation, effects }: JudgedCase,
  { challenge, commitment, binding }: SlotPrefix,
): { readonly inputs: CircuitInputs; readonly shards: readonly bigint[] } {
  const { state, context, fees } = scene;
  const { changes } = effects!;
  const [shards, oldRoot] = [state.shards(), state.root];
  const from = state.access(operation.fields.from);
  for (const change of changes) if (change.role === 'sender') state.write(change);
  const to = state.access(operation.fields.to);
  for (const change of changes) if (change.role === 'receiver') state.write(change);
  const after = { shards: state.shards(), root: state.root };
  state.undo(changes);
  const slot: SlotTrace = { operation, from, to, shards, commitment, fees };
  const trace = { context, slots: [slot], oldRoot, newRoot: after.root, finalShards: after.shards, commitment };
  return { inputs: slotInputs(trace, slot, challenge, binding), shards: after.shards };
}

function rawLeaf(state: StepScene['state'], index: number): RawLeaf {
  const account = state.get(index % TREE_CAPACITY);
  if (account === undefined) return EMPTY_LEAF;
  const { keyY, owner, tokenId, nonce, balance } = account;
  return { empty: 0n, keyY, owner, tokenId: BigInt(tokenId), nonce: BigInt(nonce), balance };
}

function split(encoding: bigint, mantissaBits: number): readonly [mantissa: bigint, exponent: bigint] {
  return [encoding & ((1n << BigInt(mantissaBits)) - 1n), encoding >> BigInt(mantissaBits)];
}

/** A judged record as it is, on the leaves that are there, with the signature that is there. */
export function rawSlotOf({ scene, operation }: JudgedCase): RawSlot {
  const { fields, authorization } = operation;
  const { state, context, fees } = scene;
  const [amountMantissa, amountExponent] = split(fields.amountFloat, float40.mantissaBits);
  const [feeMantissa, feeExponent] = split(BigInt(fields.feeFloat), float16.mantissaBits);
  const { keyX, r8, s } = authorization ?? { keyX: 0n, r8: { x: 0n, y: 1n }, s: 0n };
  return {
    kind: BigInt(fields.kind),
    from: BigInt(fields.from),
    to: BigInt(fields.to),
    amountMantissa,
    amountExponent,
    feeMantissa,
    feeExponent,
    words: paddedWords(operation),
    validUntil: BigInt(authorization?.validUntil ?? 0),
    authorization: { keyX: reduce(keyX), r8x: reduce(r8.x), r8y: reduce(r8.y), s: reduce(s) },
    leaves: new Map([fields.from, fields.to].map((index) => [index % TREE_CAPACITY, rawLeaf(state, index)])),
    feesIn: fees,
    batchTime: BigInt(context.batchTime),
    domain: context.domain,
    feeTokens: context.feeTokens,
  };
}
