/** How a chunk is tiled: which wires its slots, roots, context, weights and folds share. Source: docs/protocol.md, Slot interface and tiling. */

import { FEE_TOKEN_COUNT, RollupError, SHARD_COUNT } from '@quittance/protocol';
import { evaluationWiring } from './evaluation.ts';
import type { TiledSystem } from './layout.ts';
import { type Tile, tileLayout, WireAllocator, type Wiring } from './tile.ts';

/** Public inputs of a chunk; the order is that of docs/protocol.md (Chunk), wire = position from 1. */
export const PUBLIC_INPUTS = [
  'oldRoot',
  'newRoot',
  'commitment',
  'challenge',
  'yLow',
  'yHigh',
  'sumV',
  'domain',
  'context',
] as const;

const PUBLIC_INPUT_COUNT = PUBLIC_INPUTS.length;

/** Names of the circuits that a chunk is made of, in the order of their rows. */
export const TILE_NAMES = ['slot', 'root', 'context', 'weights', 'fold'] as const;
type TileName = (typeof TILE_NAMES)[number];

/** The circuits that a chunk is made of. */
export type ChunkTiles = Readonly<Record<TileName, Tile>>;

const publicWire = (name: (typeof PUBLIC_INPUTS)[number]): number => PUBLIC_INPUTS.indexOf(name) + 1;

/** What flows from slot to slot, as wires: `shards[0]` … `fees[3]`. */
type Boundary = ReadonlyMap<string, number>;

/**
 * The layout of a chunk of `slotCount` slots (docs/protocol.md, Slot interface and tiling). Tiles in the order of
 * TILE_NAMES; the first root tile is that of the old root, the first fold that of the first group.
 *
 * @throws RollupError CHUNK_SIZE when `slotCount` is not a positive even number, INVARIANT_BROKEN when a tile has a signal
 * that the protocol does not know.
 */
export function chunkLayout(slotCount: number, tiles: ChunkTiles): TiledSystem {
  if (!Number.isSafeInteger(slotCount) || slotCount < 2 || slotCount % 2 !== 0) {
    throw new RollupError('CHUNK_SIZE', `a chunk has an even number of slots, not ${slotCount}`, { actual: slotCount });
  }
  const wires = new WireAllocator(PUBLIC_INPUT_COUNT);
  const broadcast = createBroadcast(wires);
  const boundaries: Boundary[] = [];
  for (let index = 0; index < slotCount; index++) boundaries.push(createBoundary(wires));
  boundaries.push(createBoundary(wires, { commitment: 'commitment', sumV: 'sumV' }));
  const first = boundaries[0]!;
  const last = boundaries[slotCount]!;
  const evaluation = evaluationWiring(wires, slotCount, {
    challenge: publicWire('challenge'),
    yLow: publicWire('yLow'),
    yHigh: publicWire('yHigh'),
  });

  const slots = evaluation.slots.map((own, index) =>
    slotWiring(boundaries[index]!, boundaries[index + 1]!, own, broadcast),
  );
  const roots = [rootWiring(first, publicWire('oldRoot')), rootWiring(last, publicWire('newRoot'))];
  const contextWiring: Wiring = (signal) => (signal === 'context' ? publicWire('context') : broadcast.get(signal)!);
  const zeroWires = [
    first.get('commitment')!,
    first.get('sumV')!,
    ...feeWires(first),
    ...feeWires(last),
    ...evaluation.zeroWires,
  ];
  return tileLayout(
    PUBLIC_INPUT_COUNT,
    wires,
    [
      { tile: tiles.slot, instances: slots },
      { tile: tiles.root, instances: roots },
      { tile: tiles.context, instances: [contextWiring] },
      { tile: tiles.weights, instances: [evaluation.weights] },
      { tile: tiles.fold, instances: evaluation.folds },
    ],
    zeroWires,
  );
}

function createBroadcast(wires: WireAllocator): ReadonlyMap<string, number> {
  const broadcast = new Map([
    ['challenge', publicWire('challenge')],
    ['domain', publicWire('domain')],
    ['batchTime', wires.allocate(1)],
  ]);
  for (let index = 0; index < FEE_TOKEN_COUNT; index++) broadcast.set(`feeTokens[${index}]`, wires.allocate(1));
  return broadcast;
}

type ScalarName = 'commitment' | 'sumV';

/** New wires for all that crosses a boundary, except those that are public inputs. */
function createBoundary(
  wires: WireAllocator,
  publicNames: Partial<Record<ScalarName, (typeof PUBLIC_INPUTS)[number]>> = {},
): Boundary {
  const boundary = new Map<string, number>();
  for (let index = 0; index < SHARD_COUNT; index++) boundary.set(`shards[${index}]`, wires.allocate(1));
  for (const name of ['commitment', 'sumV'] as const) {
    const publicName = publicNames[name];
    boundary.set(name, publicName ? publicWire(publicName) : wires.allocate(1));
  }
  for (let index = 0; index < FEE_TOKEN_COUNT; index++) boundary.set(`fees[${index}]`, wires.allocate(1));
  return boundary;
}

function feeWires(boundary: Boundary): number[] {
  return Array.from({ length: FEE_TOKEN_COUNT }, (_, index) => boundary.get(`fees[${index}]`)!);
}

/** `shardsIn[3]` is `shards[3]` of the boundary before the slot, `sumVOut` is `sumV` of the one after it. */
function slotWiring(
  before: Boundary,
  after: Boundary,
  own: ReadonlyMap<string, number>,
  broadcast: ReadonlyMap<string, number>,
): Wiring {
  return (signal) => {
    const wire = own.get(signal) ?? broadcast.get(signal);
    if (wire !== undefined) return wire;
    const [, name, side, index] = /^([a-zA-Z]+?)(In|Out)(\[\d+\])?$/.exec(signal) ?? [];
    return (side === 'In' ? before : after).get(`${name}${index ?? ''}`)!;
  };
}

function rootWiring(boundary: Boundary, root: number): Wiring {
  return (signal) => (signal === 'root' ? root : boundary.get(signal)!);
}
