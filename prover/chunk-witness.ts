/** The witness of an executed chunk, and what a rejection says about its slots. */

import {
  chunkPublicInputs,
  isRollupError,
  operationsOf,
  type PackedTrace,
  publicInputsOf,
  RollupError,
} from '@quittance/protocol';
import { checkWitness } from '../native/index.ts';
import { ELEMENT_BYTES, readElement } from './formats/field.ts';
import { chunkTileInputs } from './packed-inputs.ts';
import type { PreparedProver } from './prepare.ts';
import { PUBLIC_INPUTS } from './tiling/chunk.ts';
import type { TaskOptions } from './types.ts';
import { diagnoseRejection } from './witness/diagnose.ts';

/** An executed chunk under a challenge: what a witness is made of. */
export interface ChunkStatement {
  readonly trace: PackedTrace;
  readonly challenge: bigint;
}

/**
 * The witness of a chunk, with the public inputs that packages/protocol/ gives it. Where the generator is total, constraints
 * are left to the backend to check.
 *
 * @throws RollupError WITNESS_REJECTED naming the slot and its record, or the public input that differs; CANCELLED.
 */
export async function makeChunkWitness(
  prepared: PreparedProver,
  statement: ChunkStatement,
  options: TaskOptions,
): Promise<Uint8Array> {
  const witness = await prepared.witnesses
    .generate(prepared.artifacts.tiled, chunkTileInputs(statement.trace, statement.challenge), options)
    .catch((error: unknown) => throwExplained(error, prepared, statement, options));
  expectPublicInputs(witness, publicInputsOf(chunkPublicInputs(statement.trace, statement.challenge)));
  return witness;
}

/** As `makeChunkWitness`, with every constraint checked. */
export async function makeCheckedWitness(
  prepared: PreparedProver,
  statement: ChunkStatement,
  options: TaskOptions,
): Promise<Uint8Array> {
  const witness = await makeChunkWitness(prepared, statement, options);
  if (!prepared.witnesses.isTotal) return witness;
  await checkWitness({ layoutPath: prepared.files.layoutPath, witness }).catch((error: unknown) =>
    throwExplained(error, prepared, statement, options),
  );
  return witness;
}

/** Throws what is known about a failure: for a rejected witness the slot, its record and the circuit's reason. */
export async function throwExplained(
  error: unknown,
  prepared: PreparedProver,
  statement: ChunkStatement,
  options: TaskOptions,
): Promise<never> {
  if (!prepared.witnesses.isTotal) throw describeRejection(error, statement.trace);
  const tiles = Object.values(prepared.artifacts.tiles);
  const wasmPaths = Object.fromEntries(tiles.map((tile) => [tile.name, tile.circuit.wasmPath]));
  const inputs = chunkTileInputs(statement.trace, statement.challenge);
  const reason = await diagnoseRejection(error, wasmPaths, prepared.artifacts.tiled, inputs, options);
  throw describeRejection(reason, statement.trace);
}

/** A WITNESS_REJECTED of a slot gets the slot's index and record; other errors stay as they are. */
function describeRejection(error: unknown, trace: PackedTrace): unknown {
  if (!isRollupError(error, 'WITNESS_REJECTED') || error.data['tile'] !== 'slot') return error;
  const slot = Number(error.data['instanceIndex']);
  const fields = operationsOf(trace)[slot]?.fields;
  if (!fields) return error;
  const { kind, from, to, amountFloat, feeFloat } = fields;
  const message = `slot ${slot} (kind ${kind}, from ${from}, to ${to}): ${error.message}`;
  const data = { ...error.data, slot, kind, from, to, amountFloat, feeFloat };
  return new RollupError('WITNESS_REJECTED', message, data, { cause: error });
}

/** The circuit and packages/protocol/ must agree on what the chunk's public inputs are. */
function expectPublicInputs(witness: Uint8Array, expected: readonly bigint[]): void {
  for (const [index, name] of PUBLIC_INPUTS.entries()) {
    const actual = readElement(witness, (index + 1) * ELEMENT_BYTES);
    if (actual === expected[index]) continue;
    const message = `public input ${name} is ${actual} in the circuit, not ${expected[index]}`;
    throw new RollupError('WITNESS_REJECTED', message, { name, expected: expected[index], actual });
  }
}
