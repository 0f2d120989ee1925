/** Puts compiled circuits together: allots wires to their instances and lays them out. */

import { invariantBroken } from '@quittance/protocol';
import type { CompiledCircuit } from '../artifacts/compile.ts';
import { type ConstraintSystem, interfaceCount, readR1cs } from '../formats/r1cs.ts';
import { interfaceNames, readSymbols } from '../formats/sym.ts';
import { findLayoutFault, type Layout, type LayoutTile, type TiledSystem } from './layout.ts';

/** A compiled circuit with what tiling needs to know of it. */
export interface Tile {
  readonly name: string;
  readonly circuit: CompiledCircuit;
  readonly system: ConstraintSystem;
  /** Name of interface wire w at index w − 1: `shardsIn[3]`, `root`. */
  readonly signals: readonly string[];
}

/** Where each interface signal of an instance goes: a chunk wire by signal name. */
export type Wiring = (signal: string) => number;

/** Reads a compiled circuit as a tile. */
export async function loadTile(circuit: CompiledCircuit): Promise<Tile> {
  const system = await readR1cs(circuit.r1csPath);
  const symbols = await readSymbols(circuit.symPath);
  return { name: circuit.name, circuit, system, signals: interfaceNames(symbols, interfaceCount(system)) };
}

/** Hands out wires: 0 is the constant 1, the public inputs follow, then whatever is allocated, in order. */
export class WireAllocator {
  #next: number;

  constructor(publicCount: number) {
    this.#next = publicCount + 1;
  }

  /** Wires handed out so far. */
  get count(): number {
    return this.#next;
  }

  /** The first of `count` new consecutive wires. */
  allocate(count: number): number {
    const first = this.#next;
    this.#next += count;
    return first;
  }
}

/**
 * Builds the layout of copies of tiles. Private wires follow all wires that the allocator has handed out.
 *
 * @throws RollupError INVARIANT_BROKEN when a wiring names a wire that does not exist.
 */
export function tileLayout(
  publicCount: number,
  wires: WireAllocator,
  tiles: readonly { readonly tile: Tile; readonly instances: readonly Wiring[] }[],
  zeroWires: readonly number[],
): TiledSystem {
  let constraintCount = zeroWires.length;
  const sharedCount = wires.count;
  const layoutTiles: LayoutTile[] = tiles.map(({ tile, instances }) => {
    const privateCount = tile.system.wireCount - tile.signals.length - 1;
    constraintCount += instances.length * tile.system.constraintCount;
    return {
      name: tile.name,
      r1cs: tile.circuit.r1csPath,
      instances: instances.map((wiring) => ({
        interface: [0, ...tile.signals.map((signal) => checkedWire(wiring(signal), sharedCount, tile.name, signal))],
        internalBase: wires.allocate(privateCount),
      })),
    };
  });
  const layout: Layout = {
    version: 1,
    wireCount: wires.count,
    publicCount,
    constraintCount,
    tiles: layoutTiles,
    zeroWires,
  };
  const systems = tiles.map(({ tile }) => tile.system);
  const fault = findLayoutFault(layout, systems);
  if (fault !== undefined) throw invariantBroken(`the tiles do not fit together: ${fault}`);
  return { layout, systems };
}

function checkedWire(wire: number | undefined, sharedCount: number, tile: string, signal: string): number {
  if (wire !== undefined && Number.isSafeInteger(wire) && wire > 0 && wire < sharedCount) return wire;
  throw invariantBroken(`signal ${signal} of tile ${tile} has no wire in the chunk`, { tile, signal });
}
