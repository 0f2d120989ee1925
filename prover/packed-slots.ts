/**
 * From the bytes of an executed chunk to the inputs of its slots: what does not depend on the challenge is copied as it is.
 * Source: docs/protocol.md, Slot interface; packages/protocol/engine/trace.ts.
 */

import {
  isSignedKind,
  OPERATION_PLACES,
  type Operation,
  type PackedTrace,
  RollupError,
  SHARD_COUNT,
  SHARD_LEVELS,
  SHARDS_BYTES,
  SLOT_PLACES,
  SLOT_TRACE_BYTES,
  shardOf,
  TREE_ARITY,
  unpackTrace,
  viewOf,
  WORD_BYTES,
  writeWord,
} from '@quittance/protocol';
import { chunkSlotInputs, recordNumbers, type SlotBinding } from './inputs.ts';
import type { PackedInputs, TapeInput } from './witness/types.ts';

/** A slot whose inputs are written. */
interface SlotSource {
  /** Those of the trace. */
  readonly bytes: Uint8Array;
  /** Where the slot begins in them. */
  readonly at: number;
  readonly operation: Operation;
  /** Its record. */
  readonly numbers: ReturnType<typeof recordNumbers>;
  readonly binding: SlotBinding;
  /** The shards before the slot. */
  readonly shards: Uint8Array;
}

/** One input of the slot: how many elements it has, and how they are written. */
interface SlotInput {
  readonly count: number;
  readonly write: (target: Uint8Array, offset: number, slot: SlotSource) => void;
}

/** Elements that stand in the slot's bytes. */
const copied = (place: number, count = 1): SlotInput => ({
  count,
  write: (target, offset, { bytes, at }) =>
    target.set(bytes.subarray(at + place, at + place + count * WORD_BYTES), offset),
});

const computed = (count: number, valuesOf: (slot: SlotSource) => readonly bigint[]): SlotInput => ({
  count,
  write: (target, offset, slot) => {
    const view = viewOf(target);
    for (const [position, value] of valuesOf(slot).entries()) writeWord(view, offset + WORD_BYTES * position, value);
  },
});

const LEAF_FIELDS = ['Empty', 'KeyY', 'Owner', 'TokenId', 'Nonce', 'Balance'];

function accessInputs(prefix: 'from' | 'to', leaf: number, path: number): Readonly<Record<string, SlotInput>> {
  const fields = LEAF_FIELDS.map((field, position) => [`${prefix}${field}`, copied(leaf + WORD_BYTES * position)]);
  return { ...Object.fromEntries(fields), [`${prefix}Children`]: copied(path, SHARD_LEVELS * TREE_ARITY) };
}

const ofRecord = (name: keyof SlotSource['numbers']): SlotInput => computed(1, ({ numbers }) => [numbers[name]]);

/** The circuit checks what it is given under any kind: an authorization that no rule asks for must not reach it. */
const isAuthorized = ({ fields, authorization }: Operation): boolean =>
  isSignedKind(fields.kind) && authorization !== undefined;

/** @param unsigned for a record that is not signed: a point on the curve, so that the arithmetic is defined. */
function ofSignature(position: number, unsigned: bigint): SlotInput {
  const signed = copied(OPERATION_PLACES.authorization + WORD_BYTES * position);
  const other = computed(1, () => [unsigned]);
  const write: SlotInput['write'] = (target, offset, slot) =>
    (isAuthorized(slot.operation) ? signed : other).write(target, offset, slot);
  return { count: 1, write };
}

/** By their names in circuits/lib/slot.circom, but for those that are the same in all slots. */
const SLOT_INPUTS: Readonly<Record<string, SlotInput>> = {
  shardsIn: { count: SHARD_COUNT, write: (target, offset, { shards }) => target.set(shards, offset) },
  commitmentIn: copied(SLOT_PLACES.commitment),
  sumVIn: computed(1, ({ binding }) => [binding.sumV]),
  accumulatorIn: computed(3, ({ binding }) => binding.accumulator),
  weight: computed(3, ({ binding }) => binding.weight),
  feesIn: copied(SLOT_PLACES.fees, 4),
  kind: ofRecord('kind'),
  from: ofRecord('from'),
  to: ofRecord('to'),
  amountMantissa: ofRecord('amountMantissa'),
  amountExponent: ofRecord('amountExponent'),
  feeMantissa: ofRecord('feeMantissa'),
  feeExponent: ofRecord('feeExponent'),
  words: copied(OPERATION_PLACES.words, 3),
  validUntil: computed(1, ({ operation }) => [
    isAuthorized(operation) ? BigInt(operation.authorization!.validUntil) : 0n,
  ]),
  ...accessInputs('from', SLOT_PLACES.fromLeaf, SLOT_PLACES.fromPath),
  ...accessInputs('to', SLOT_PLACES.toLeaf, SLOT_PLACES.toPath),
  keyX: ofSignature(0, 0n),
  r8x: ofSignature(1, 0n),
  r8y: ofSignature(2, 1n),
  s: ofSignature(3, 0n),
};

function constantInputs({ context }: PackedTrace, challenge: bigint): Readonly<Record<string, SlotInput>> {
  const constant = (...values: bigint[]): SlotInput => computed(values.length, () => values);
  return {
    challenge: constant(challenge),
    domain: constant(context.domain),
    batchTime: constant(BigInt(context.batchTime)),
    feeTokens: constant(...context.feeTokens),
  };
}

/** The inputs in a calculator's order. @throws RollupError WITNESS_REJECTED when it wants others than there are. */
function inOrder(inputs: Readonly<Record<string, SlotInput>>, order: readonly TapeInput[]): readonly SlotInput[] {
  const refuse = (reason: string): never => {
    throw new RollupError('WITNESS_REJECTED', `the slot's calculator does not take a trace: ${reason}`, { reason });
  };
  if (order.length !== Object.keys(inputs).length) refuse(`it has ${order.length} inputs`);
  return order.map(({ name, count }) => {
    const input = inputs[name] ?? refuse(`nothing gives its input ${name}`);
    return input.count === count ? input : refuse(`its input ${name} has ${count} values, not ${input.count}`);
  });
}

/** Moves the shards on over a slot. */
function pass(shards: Uint8Array, bytes: Uint8Array, at: number, { fields }: Operation): void {
  for (const [index, place] of [
    [fields.from, SLOT_PLACES.fromRoot],
    [fields.to, SLOT_PLACES.toRoot],
  ] as const) {
    shards.set(bytes.subarray(at + place, at + place + WORD_BYTES), shardOf(index) * WORD_BYTES);
  }
}

/** The shards before slot `end`, as they stand in the bytes. */
export function shardsBefore({ bytes }: PackedTrace, operations: readonly Operation[], end: number): Uint8Array {
  // A copy, of Node's Buffer too, whose own `slice` is none: it is written to.
  const shards = Uint8Array.from(bytes.subarray(0, SHARDS_BYTES));
  for (const [slot, operation] of operations.slice(0, end).entries()) {
    pass(shards, bytes, SHARDS_BYTES + slot * SLOT_TRACE_BYTES, operation);
  }
  return shards;
}

/**
 * The inputs of all slots.
 *
 * @param operations those of the trace.
 * @param bindings what depends on the challenge, slot by slot.
 */
export function packedSlotInputs(
  trace: PackedTrace,
  challenge: bigint,
  operations: readonly Operation[],
  bindings: readonly SlotBinding[],
): PackedInputs {
  const inputs = { ...SLOT_INPUTS, ...constantInputs(trace, challenge) };
  return {
    count: operations.length,
    named: () => chunkSlotInputs(unpackTrace(trace), challenge),
    elements(order, first, end) {
      const ordered = inOrder(inputs, order);
      const stride = WORD_BYTES * order.reduce((sum, { count }) => sum + count, 0);
      const target = new Uint8Array((end - first) * stride);
      const { bytes } = trace;
      const shards = shardsBefore(trace, operations, first);
      let offset = 0;
      for (let slot = first; slot < end; slot += 1) {
        const [operation, binding, at] = [operations[slot]!, bindings[slot]!, SHARDS_BYTES + slot * SLOT_TRACE_BYTES];
        const source = { bytes, at, operation, numbers: recordNumbers(operation.fields), binding, shards };
        for (const { count, write } of ordered) {
          write(target, offset, source);
          offset += count * WORD_BYTES;
        }
        pass(shards, bytes, at, operation);
      }
      return target;
    },
  };
}
