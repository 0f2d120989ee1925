/**
 * From an executed chunk to the inputs of the circuits. Source: docs/protocol.md, Slot interface. The names are those of
 * circuits/lib/slot.circom, circuits/root.circom and circuits/context.circom.
 */

import {
  type Account,
  type Authorization,
  type ChunkTrace,
  float16,
  float40,
  type HornerSums,
  isSignedKind,
  type LeafAccess,
  nextSums,
  type Operation,
  packContext,
  type SlotTrace,
  WORDS_PER_RECORD,
} from '@quittance/protocol';

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

/** Inputs of one slot. @param sums the Horner sums before the slot. */
export function slotInputs(trace: ChunkTrace, slot: SlotTrace, challenge: bigint, sums: HornerSums): CircuitInputs {
  const { fields, words } = slot.operation;
  const amount = splitFloat(fields.amountFloat, float40.mantissaBits);
  const fee = splitFloat(BigInt(fields.feeFloat), float16.mantissaBits);
  const { validUntil, keyX, r8, s } = authorizationOf(slot.operation);
  return {
    shardsIn: slot.shards,
    commitmentIn: slot.commitment,
    sumAIn: sums.sumA,
    sumBIn: sums.sumB,
    feesIn: slot.fees,
    challenge,
    domain: trace.context.domain,
    batchTime: BigInt(trace.context.batchTime),
    feeTokens: trace.context.feeTokens,
    kind: BigInt(fields.kind),
    from: BigInt(fields.from),
    to: BigInt(fields.to),
    amountMantissa: amount.mantissa,
    amountExponent: amount.exponent,
    feeMantissa: fee.mantissa,
    feeExponent: fee.exponent,
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

/** Inputs of all slots of a chunk, in order. */
export function chunkSlotInputs(trace: ChunkTrace, challenge: bigint): CircuitInputs[] {
  let sums: HornerSums = { sumA: 0n, sumB: 0n };
  return trace.slots.map((slot) => {
    const inputs = slotInputs(trace, slot, challenge, sums);
    sums = nextSums(sums, challenge, slot.operation);
    return inputs;
  });
}

/** Inputs of the root tile at the start and at the end of a chunk. */
export function rootInputs(trace: ChunkTrace): { readonly first: CircuitInputs; readonly last: CircuitInputs } {
  return { first: { shards: trace.slots[0]!.shards }, last: { shards: trace.finalShards } };
}

/** Inputs of the context tile. */
export function contextInputs({ context }: ChunkTrace): CircuitInputs {
  return { context: packContext(context.feeTokens, context.batchTime) };
}
