/**
 * From an executed chunk to the inputs of the circuits. Source: docs/protocol.md, Slot interface. The names are those of
 * circuits/lib/slot.circom, circuits/root.circom, circuits/context.circom, circuits/lib/weights.circom and
 * circuits/lib/fold.circom.
 */

import {
  type Account,
  type Authorization,
  type ChunkTrace,
  encodeRecord,
  float16,
  float40,
  isSignedKind,
  type LeafAccess,
  nextVisibleSum,
  type Operation,
  packContext,
  type RecordFields,
  type SlotTrace,
  WORDS_PER_RECORD,
} from '@quittance/protocol';
import { accumulate, challengePowers, foldGroups, type GroupSums, type SlotPart } from './evaluation.ts';
import { toLimbs } from './limbs.ts';

/** Named inputs of a circuit, as circom's witness calculator takes them. */
export type CircuitInputs = Readonly<Record<string, bigint | readonly bigint[] | readonly (readonly bigint[])[]>>;

/** Signature fields of a record that is not signed: a point on the curve, so that the arithmetic is defined. */
const UNSIGNED = { validUntil: 0, keyX: 0n, r8: { x: 0n, y: 1n }, s: 0n } as const;

function splitFloat(encoded: bigint, mantissaBits: number): { mantissa: bigint; exponent: bigint } {
  return { mantissa: encoded & ((1n << BigInt(mantissaBits)) - 1n), exponent: encoded >> BigInt(mantissaBits) };
}

/** An account's fields under a prefix; an empty leaf has all fields 0 and its own bit. */
function accountInputs(prefix: 'from' | 'to', { account, children }: LeafAccess): CircuitInputs {
  const { keyY, owner, tokenId, nonce, balance }: Account = account ?? {
    keyY: 0n,
    owner: 0n,
    tokenId: 0,
    nonce: 0,
    balance: 0n,
  };
  return {
    [`${prefix}Empty`]: account === undefined ? 1n : 0n,
    [`${prefix}KeyY`]: keyY,
    [`${prefix}Owner`]: owner,
    [`${prefix}TokenId`]: BigInt(tokenId),
    [`${prefix}Nonce`]: BigInt(nonce),
    [`${prefix}Balance`]: balance,
    [`${prefix}Children`]: children,
  };
}

/** The circuit checks what it is given under any kind: an authorization that no rule asks for must not reach it. */
function authorizationOf({ fields: { kind }, authorization }: Operation): Authorization {
  return (isSignedKind(kind) ? authorization : undefined) ?? UNSIGNED;
}

/** A record as the circuit takes it: its floats as mantissa and exponent. */
export function recordNumbers({ kind, from, to, amountFloat, feeFloat }: RecordFields) {
  const amount = splitFloat(amountFloat, float40.mantissaBits);
  const fee = splitFloat(BigInt(feeFloat), float16.mantissaBits);
  return {
    kind: BigInt(kind),
    from: BigInt(from),
    to: BigInt(to),
    amountMantissa: amount.mantissa,
    amountExponent: amount.exponent,
    feeMantissa: fee.mantissa,
    feeExponent: fee.exponent,
  };
}

/** What binds a slot to the challenge. */
export interface SlotBinding extends SlotPart {
  /** sumV before the slot. */
  readonly sumV: bigint;
}

/** Inputs of one slot. */
export function slotInputs(
  trace: ChunkTrace,
  slot: SlotTrace,
  challenge: bigint,
  { sumV, accumulator, weight }: SlotBinding,
): CircuitInputs {
  const { fields, words } = slot.operation;
  const { validUntil, keyX, r8, s } = authorizationOf(slot.operation);
  return {
    shardsIn: slot.shards,
    commitmentIn: slot.commitment,
    sumVIn: sumV,
    accumulatorIn: accumulator,
    feesIn: slot.fees,
    challenge,
    weight,
    domain: trace.context.domain,
    batchTime: BigInt(trace.context.batchTime),
    feeTokens: trace.context.feeTokens,
    ...recordNumbers(fields),
    words: Array.from({ length: WORDS_PER_RECORD }, (_, position) => words[position] ?? 0n),
    validUntil: BigInt(validUntil),
    ...accountInputs('from', slot.from),
    ...accountInputs('to', slot.to),
    keyX,
    r8x: r8.x,
    r8y: r8.y,
    s,
  };
}

/** The encoded records of a chunk. */
const recordsOf = ({ slots }: ChunkTrace): bigint[] => slots.map(({ operation }) => encodeRecord(operation.fields));

/** Inputs of all slots of a chunk, in order. */
export function chunkSlotInputs(trace: ChunkTrace, challenge: bigint): CircuitInputs[] {
  const parts = accumulate(recordsOf(trace), challenge).slots;
  let sumV = 0n;
  return trace.slots.map((slot, index) => {
    const inputs = slotInputs(trace, slot, challenge, { ...parts[index]!, sumV });
    sumV = nextVisibleSum(sumV, challenge, slot.operation);
    return inputs;
  });
}

/** Inputs of the root tile at the start and at the end of a chunk. */
export function rootInputs(trace: ChunkTrace): { readonly first: CircuitInputs; readonly last: CircuitInputs } {
  return { first: { shards: trace.slots[0]!.shards }, last: { shards: trace.finalShards } };
}

/** Inputs of the context tile. */
export function contextInputs({ context }: Pick<ChunkTrace, 'context'>): CircuitInputs {
  return { context: packContext(context.feeTokens, context.batchTime) };
}

/** Inputs of the weights tile: the powers of z from z^2 on, and their quotients, which have two limbs. */
export function weightsInputs(challenge: bigint): CircuitInputs {
  const powers = challengePowers(challenge).slice(1);
  return {
    challenge,
    powers: powers.map(({ remainder }) => toLimbs(remainder)),
    quotients: powers.map(({ quotient }) => toLimbs(quotient).slice(0, 2)),
  };
}

/** Inputs of the fold tiles, one a group. */
export function foldInputs(trace: ChunkTrace, challenge: bigint): CircuitInputs[] {
  return foldsOf(accumulate(recordsOf(trace), challenge).groups, challenge);
}

/** The same from the sums of the groups. */
export function foldsOf(groups: readonly GroupSums[], challenge: bigint): CircuitInputs[] {
  return foldGroups(groups, challenge).map(({ yIn, step, remainder, quotient }, group) => ({
    yIn: toLimbs(yIn),
    step: toLimbs(step),
    ...groups[group]!,
    reduced: toLimbs(remainder),
    quotient: toLimbs(quotient),
  }));
}
