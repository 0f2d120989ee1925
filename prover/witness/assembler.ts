/** Joins the witnesses of tiles into that of the chunk. */

import { invariantBroken, RollupError } from '@quittance/protocol';
import { ELEMENT_BYTES, readElement, writeElement } from '../formats/field.ts';
import { interfaceCount } from '../formats/r1cs.ts';
import type { TiledSystem } from '../tiling/layout.ts';

/** Puts the witnesses of the tiles together. Wires that tiles share must have equal values. */
export class WitnessAssembler {
  readonly #tiled: TiledSystem;
  readonly #witness: Uint8Array;
  /** Whether a wire has its value. */
  readonly #written: Uint8Array;

  constructor(tiled: TiledSystem) {
    this.#tiled = tiled;
    this.#witness = new Uint8Array(tiled.layout.wireCount * ELEMENT_BYTES);
    this.#written = new Uint8Array(tiled.layout.wireCount);
    writeElement(this.#witness, 0, 1n);
    this.#written[0] = 1;
  }

  /**
   * Places one instance's witness.
   *
   * @throws RollupError WITNESS_REJECTED when it disagrees with a neighbor on a shared wire, INVARIANT_BROKEN
   * when it is not a witness of this tile.
   */
  place(tileIndex: number, instanceIndex: number, values: Uint8Array): void {
    const tile = this.#tiled.layout.tiles[tileIndex]!;
    const system = this.#tiled.systems[tileIndex]!;
    const instance = tile.instances[instanceIndex]!;
    if (values.byteLength !== system.wireCount * ELEMENT_BYTES) {
      throw invariantBroken(`a witness of tile ${tile.name} has ${values.byteLength} bytes`, {
        expected: system.wireCount * ELEMENT_BYTES,
        actual: values.byteLength,
      });
    }
    const internals = (interfaceCount(system) + 1) * ELEMENT_BYTES;
    for (const [tileWire, wire] of instance.interface.entries()) {
      this.#placeShared(wire, values.subarray(tileWire * ELEMENT_BYTES, (tileWire + 1) * ELEMENT_BYTES), {
        tile: tile.name,
        instanceIndex,
        tileWire,
      });
    }
    this.#witness.set(values.subarray(internals), instance.internalBase * ELEMENT_BYTES);
    this.#written.fill(1, instance.internalBase, instance.internalBase + system.wireCount - interfaceCount(system) - 1);
  }

  /** The whole witness. @throws RollupError WITNESS_REJECTED when a wire has no value or a zero wire is not 0. */
  finish(): Uint8Array {
    const missing = this.#written.indexOf(0);
    if (missing >= 0) throw new RollupError('WITNESS_REJECTED', `wire ${missing} has no value`, { wire: missing });
    for (const wire of this.#tiled.layout.zeroWires) {
      const value = readElement(this.#witness, wire * ELEMENT_BYTES);
      if (value === 0n) continue;
      throw new RollupError('WITNESS_REJECTED', `wire ${wire} has to be 0 at an end of the chunk, not ${value}`, {
        wire,
        actual: value,
      });
    }
    return this.#witness;
  }

  #placeShared(
    wire: number,
    value: Uint8Array,
    where: { tile: string; instanceIndex: number; tileWire: number },
  ): void {
    const target = this.#witness.subarray(wire * ELEMENT_BYTES, (wire + 1) * ELEMENT_BYTES);
    if (this.#written[wire] && !Buffer.from(value).equals(target)) {
      throw new RollupError(
        'WITNESS_REJECTED',
        `tile ${where.tile} ${where.instanceIndex} disagrees with its neighbor on wire ${wire}`,
        { ...where, wire, expected: readElement(target, 0), actual: readElement(value, 0) },
      );
    }
    target.set(value);
    this.#written[wire] = 1;
  }
}
