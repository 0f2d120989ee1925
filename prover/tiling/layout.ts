/** The layout of a tiled constraint system: its form, its file, and the check that it fits its tiles. */

import { readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { damaged } from '../damaged.ts';
import { type ConstraintSystem, interfaceCount, readR1cs } from '../formats/r1cs.ts';

/**
 * A constraint system made of copies of few compiled circuits (tiles), whose interface wires are shared. Wire 0 is 1,
 * wires 1 … publicCount are the public inputs. Wire w of a tile is `interface[w]` of the instance when it belongs to the
 * tile's interface, else `internalBase` + its place among the private wires. Rows: all instances of the first tile, of the
 * second, …, then `wire · 1 = 0` for each zero wire.
 * Twin: native/core/src/r1cs/layout.rs LayoutFile.
 */
export interface Layout {
  readonly version: 1;
  readonly wireCount: number;
  readonly publicCount: number;
  readonly constraintCount: number;
  readonly tiles: readonly LayoutTile[];
  readonly zeroWires: readonly number[];
}

export interface LayoutTile {
  readonly name: string;
  /** Path of the .r1cs file; in layout.json relative to that file. */
  readonly r1cs: string;
  readonly instances: readonly TileInstance[];
}

export interface TileInstance {
  /** Chunk wire of tile wire 0, 1, …, outputs + public inputs. */
  readonly interface: readonly number[];
  readonly internalBase: number;
}

/** A layout with the constraint systems of its tiles, in the same order. */
export interface TiledSystem {
  readonly layout: Layout;
  readonly systems: readonly ConstraintSystem[];
}

/** Writes layout.json. Paths of tiles are stored relative to it. */
export async function writeLayout(path: string, layout: Layout): Promise<void> {
  const folder = dirname(path);
  const tiles = layout.tiles.map((tile) => ({ ...tile, r1cs: relative(folder, tile.r1cs) }));
  await writeFile(path, `${JSON.stringify({ ...layout, tiles })}\n`);
}

/** Reads layout.json and the tiles' systems, and checks that they fit. @throws RollupError ARTIFACT_DAMAGED. */
export async function readTiledSystem(path: string): Promise<TiledSystem> {
  const parsed = parseLayout(await readFile(path, 'utf8'), path);
  const tiles = parsed.tiles.map((tile) => ({ ...tile, r1cs: resolve(dirname(path), tile.r1cs) }));
  const layout = { ...parsed, tiles };
  const systems = await Promise.all(tiles.map((tile) => readR1cs(tile.r1cs)));
  const fault = findLayoutFault(layout, systems);
  if (fault === undefined) return { layout, systems };
  throw damaged(path, `it does not fit its tiles: ${fault}`);
}

function parseLayout(text: string, path: string): Layout {
  const isWires = (value: unknown): boolean => Array.isArray(value) && value.every(Number.isSafeInteger);
  const isInstance = (value: Partial<TileInstance> | null): boolean =>
    isWires(value?.interface) && Number.isSafeInteger(value?.internalBase);
  const isTile = (value: Partial<LayoutTile> | null): boolean =>
    typeof value?.name === 'string' &&
    typeof value.r1cs === 'string' &&
    Array.isArray(value.instances) &&
    value.instances.every(isInstance);
  try {
    const layout = JSON.parse(text) as Partial<Layout> | null;
    const counts = [layout?.wireCount, layout?.publicCount, layout?.constraintCount];
    const fits = counts.every(Number.isSafeInteger) && Array.isArray(layout?.tiles) && layout.tiles.every(isTile);
    if (fits && isWires(layout?.zeroWires)) return layout as Layout;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw damaged(path, 'it is not a layout of version 1');
}

/**
 * What a layout breaks of its rules, or undefined: every wire that a row can name exists, no two instances share a
 * private wire, and the counts are right.
 * check_private_wires.
 * Twin: native/core/src/r1cs/system.rs check_private_wires.
 */
export function findLayoutFault(layout: Layout, systems: readonly ConstraintSystem[]): string | undefined {
  if (layout.version !== 1) return `version ${String(layout.version)}`;
  if (layout.publicCount >= layout.wireCount) return 'more public inputs than wires';
  const isWire = (wire: number): boolean => Number.isSafeInteger(wire) && wire >= 0 && wire < layout.wireCount;
  if (!layout.zeroWires.every(isWire)) return 'a zero wire does not exist';
  let constraintCount = layout.zeroWires.length;
  for (const [index, tile] of layout.tiles.entries()) {
    const system = systems[index]!;
    constraintCount += tile.instances.length * system.constraintCount;
    for (const instance of tile.instances) {
      if (instance.interface.length !== interfaceCount(system) + 1) return `interface length of tile ${tile.name}`;
      if (instance.interface[0] !== 0 || !instance.interface.every(isWire)) return `interface of tile ${tile.name}`;
    }
  }
  if (constraintCount !== layout.constraintCount)
    return `${constraintCount} constraints, not ${layout.constraintCount}`;
  return findOverlap(layout, systems);
}

/** Private wires that two instances share, that are public, or that do not exist. */
function findOverlap(layout: Layout, systems: readonly ConstraintSystem[]): string | undefined {
  const ranges = layout.tiles.flatMap((tile, index) => {
    const { wireCount } = systems[index]!;
    const privateCount = wireCount - interfaceCount(systems[index]!) - 1;
    return tile.instances.map(({ internalBase }) => ({ from: internalBase, to: internalBase + privateCount }));
  });
  ranges.sort((left, right) => left.from - right.from || left.to - right.to);
  let used = layout.publicCount + 1;
  for (const { from, to } of ranges) {
    if (from < used || to > layout.wireCount) return `private wires ${from} to ${to} overlap others`;
    used = to;
  }
  return undefined;
}

/** log2 of the domain: the smallest power of two above constraints + public inputs (snarkjs's rule). */
export function domainPower(layout: Pick<Layout, 'constraintCount' | 'publicCount'>): number {
  return Math.floor(Math.log2(layout.constraintCount + layout.publicCount)) + 1;
}

/** Chunk wire of each wire of a tile's instance. */
export function wireMap(system: ConstraintSystem, instance: TileInstance): Uint32Array {
  const first = interfaceCount(system) + 1;
  const map = new Uint32Array(system.wireCount);
  map.set(instance.interface);
  for (let wire = first; wire < system.wireCount; wire++) map[wire] = instance.internalBase + wire - first;
  return map;
}
