import { type ChunkTrace, isRollupError, RollupError } from '../protocol/index.ts';
import { PUBLIC_INPUTS } from './artifacts/chunk.ts';
import { ELEMENT_BYTES, readElement } from './artifacts/field.ts';
import type { ChunkArtifacts } from './artifacts/profile.ts';
import { chunkSlotInputs, contextInputs, rootInputs } from './inputs/index.ts';
import type { TileInputs } from './witness/types.ts';

/** Inputs of all tiles of a chunk, in the order of the layout's instances. */
export function chunkInputs({ tiles }: ChunkArtifacts, trace: ChunkTrace, challenge: bigint): TileInputs {
  const { first, last } = rootInputs(trace);
  return {
    [tiles.slot.name]: chunkSlotInputs(trace, challenge),
    [tiles.root.name]: [first, last],
    [tiles.context.name]: [contextInputs(trace)],
  };
}

/** A WITNESS_REJECTED of a slot gets the slot's index and record; other errors stay as they are. */
export function describeRejection(error: unknown, trace: ChunkTrace): unknown {
  if (!isRollupError(error, 'WITNESS_REJECTED') || error.data['tile'] !== 'slot') return error;
  const slot = Number(error.data['instanceIndex']);
  const fields = trace.slots[slot]?.operation.fields;
  if (!fields) return error;
  const { kind, from, to, amountFloat, feeFloat } = fields;
  const message = `slot ${slot} (kind ${kind}, from ${from}, to ${to}): ${error.message}`;
  const data = { ...error.data, slot, kind, from, to, amountFloat, feeFloat };
  return new RollupError('WITNESS_REJECTED', message, data, { cause: error });
}

/**
 * The circuit and protocol/ must agree on what the chunk's public inputs are.
 *
 * @throws RollupError WITNESS_REJECTED naming the first one that differs.
 */
export function expectPublicInputs(witness: Uint8Array, expected: readonly bigint[]): void {
  for (const [index, name] of PUBLIC_INPUTS.entries()) {
    const actual = readElement(witness, (index + 1) * ELEMENT_BYTES);
    if (actual === expected[index]) continue;
    throw new RollupError(
      'WITNESS_REJECTED',
      `public input ${name} is ${actual} in the circuit, not ${expected[index]}`,
      {
        name,
        expected: expected[index],
        actual,
      },
    );
  }
}
