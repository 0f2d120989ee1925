/**
 * Which wire each signal of a chunk's tiles is, at every size: docs/protocol.md, Slot interface and tiling, written down
 * anew. A wire that were split in two would still have an honest witness; only its structure tells.
 */

import assert from 'node:assert/strict';
import { BLOCKS_PER_GROUP, FEE_TOKEN_COUNT, SHARD_COUNT } from '@quittance/protocol';
import { type ChunkTiles, chunkLayout, PUBLIC_INPUTS, TILE_NAMES } from '../../../prover/tiling/chunk.ts';
import { prepareChunkArtifacts } from '../../../prover/tiling/chunk-artifacts.ts';

const SIZES = [2, 4, 16, 30, 32, 34, 36, 64, 66, 70, 124, 1_004];
const LIMBS = [0, 1, 2];
const GROUP_SLOTS = 2 * BLOCKS_PER_GROUP;
type Signals = ReadonlyMap<string, number>;
type Wires = Readonly<Record<(typeof TILE_NAMES)[number], readonly Signals[]>> & { readonly zero: readonly number[] };

const publicWire = (name: (typeof PUBLIC_INPUTS)[number]) => PUBLIC_INPUTS.indexOf(name) + 1;
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** The wire of each signal, by tile and instance. */
function wiresOf(slotCount: number, tiles: ChunkTiles): Wires {
  const { layout } = chunkLayout(slotCount, tiles);
  const byTile = TILE_NAMES.map((name, position) => {
    const { signals } = tiles[name];
    const { instances } = layout.tiles[position]!;
    return [name, instances.map((one) => new Map(signals.map((signal, index) => [signal, one.interface[index + 1]!])))];
  });
  return { ...Object.fromEntries(byTile), zero: layout.zeroWires };
}

describe('prover: the wires of a chunk', function () {
  this.timeout(240_000);
  let tiles: ChunkTiles;
  before(async () => {
    ({ tiles } = await prepareChunkArtifacts(2));
  });

  for (const size of SIZES) {
    describe(`of ${size} slots`, () => {
      let wires: Wires;
      before(() => {
        wires = wiresOf(size, tiles);
      });
      const same = (one: Signals, signal: string, other: Signals, name: string) =>
        assert.equal(one.get(signal), other.get(name), `${signal} is not ${name}`);
      const exponentOf = (slot: number) => size / 2 - 1 - Math.floor(slot / 2);
      const groupCount = Math.ceil(size / GROUP_SLOTS);
      /** The last slots of a group, even and odd. */
      const lastOf = (group: number): readonly [number, number] => {
        const end = size - (groupCount - 1 - group) * GROUP_SLOTS;
        return [end - 2, end - 1];
      };

      it('have one tile each that sets them, but for the first shards', () => {
        const set = new Map<number, string>();
        const outputs = (name: string) =>
          /Out(\[|$)|^root$|^weights|^step|^yLow$|^yHigh$|^batchTime$|^feeTokens/.test(name);
        const isOutput = (tile: string, name: string) =>
          outputs(name) &&
          !(tile === 'slot' && /^(batchTime|feeTokens)/.test(name)) &&
          !(tile === 'fold' && /^step/.test(name));
        for (const tile of TILE_NAMES) {
          for (const [instance, signals] of wires[tile].entries()) {
            assert.equal(new Set(signals.values()).size, signals.size, `${tile} ${instance} has one wire twice`);
            for (const [name, wire] of signals) {
              if (!isOutput(tile, name)) continue;
              assert.equal(set.has(wire), false, `${tile} ${instance} sets ${name}, as ${set.get(wire)} does`);
              set.set(wire, `${tile} ${instance} ${name}`);
            }
          }
        }
        const firstShards = new Set(range(SHARD_COUNT).map((index) => wires.slot[0]!.get(`shardsIn[${index}]`)!));
        for (const tile of TILE_NAMES) {
          for (const signals of wires[tile]) {
            for (const [name, wire] of signals) {
              const isBound = set.has(wire) || wire <= PUBLIC_INPUTS.length || wires.zero.includes(wire);
              assert.ok(isBound || firstShards.has(wire), `nothing sets ${name} of ${tile}`);
            }
          }
        }
      });

      it('lead from each slot to the next, and from the roots at both ends', () => {
        const names = [
          ...range(SHARD_COUNT).map((index) => ['shards', `[${index}]`] as const),
          ...range(FEE_TOKEN_COUNT).map((index) => ['fees', `[${index}]`] as const),
          ['commitment', ''] as const,
          ['sumV', ''] as const,
        ];
        for (let slot = 1; slot < size; slot++) {
          for (const [name, index] of names) {
            same(wires.slot[slot]!, `${name}In${index}`, wires.slot[slot - 1]!, `${name}Out${index}`);
          }
        }
        const [first, last] = [wires.slot[0]!, wires.slot[size - 1]!];
        for (const index of range(SHARD_COUNT)) {
          same(wires.root[0]!, `shards[${index}]`, first, `shardsIn[${index}]`);
          same(wires.root[1]!, `shards[${index}]`, last, `shardsOut[${index}]`);
        }
        assert.equal(wires.root[0]!.get('root'), publicWire('oldRoot'));
        assert.equal(wires.root[1]!.get('root'), publicWire('newRoot'));
        assert.equal(last.get('commitmentOut'), publicWire('commitment'));
        assert.equal(last.get('sumVOut'), publicWire('sumV'));
      });

      it('give each slot challenge, domain, time, fee tokens and its own weight', () => {
        const [context] = wires.context;
        const [weights] = wires.weights;
        assert.equal(context!.get('context'), publicWire('context'));
        assert.equal(weights!.get('challenge'), publicWire('challenge'));
        for (const [slot, signals] of wires.slot.entries()) {
          assert.equal(signals.get('challenge'), publicWire('challenge'));
          assert.equal(signals.get('domain'), publicWire('domain'));
          same(signals, 'batchTime', context!, 'batchTime');
          for (const index of range(FEE_TOKEN_COUNT))
            same(signals, `feeTokens[${index}]`, context!, `feeTokens[${index}]`);
          const weight = exponentOf(slot) % BLOCKS_PER_GROUP;
          for (const limb of LIMBS) same(signals, `weight[${limb}]`, weights!, `weights[${3 * weight + limb}]`);
        }
      });

      it('add even and odd slots of a group apart, and fold the groups in order', () => {
        const zero = LIMBS.map((limb) => wires.slot[0]!.get(`accumulatorIn[${limb}]`)!);
        for (const [slot, signals] of wires.slot.entries()) {
          const isStart = slot < 2 || exponentOf(slot) % BLOCKS_PER_GROUP === BLOCKS_PER_GROUP - 1;
          for (const limb of LIMBS) {
            const before = isStart ? zero[limb] : wires.slot[slot - 2]!.get(`accumulatorOut[${limb}]`);
            assert.equal(signals.get(`accumulatorIn[${limb}]`), before, `slot ${slot}`);
          }
        }
        assert.equal(wires.fold.length, groupCount);
        for (const [group, fold] of wires.fold.entries()) {
          const [even, odd] = lastOf(group);
          for (const limb of LIMBS) {
            same(fold, `step[${limb}]`, wires.weights[0]!, `step[${limb}]`);
            same(fold, `even[${limb}]`, wires.slot[even]!, `accumulatorOut[${limb}]`);
            same(fold, `odd[${limb}]`, wires.slot[odd]!, `accumulatorOut[${limb}]`);
            const before = group === 0 ? zero[limb] : wires.fold[group - 1]!.get(`yOut[${limb}]`);
            assert.equal(fold.get(`yIn[${limb}]`), before, `fold ${group}`);
          }
        }
        assert.equal(wires.fold.at(-1)!.get('yLow'), publicWire('yLow'));
        assert.equal(wires.fold.at(-1)!.get('yHigh'), publicWire('yHigh'));
      });

      it('are fixed to 0 at the ends, these and no others', () => {
        const [first, last] = [wires.slot[0]!, wires.slot[size - 1]!];
        const names = range(FEE_TOKEN_COUNT);
        const expected = [
          first.get('commitmentIn'),
          first.get('sumVIn'),
          ...names.map((index) => first.get(`feesIn[${index}]`)),
          ...names.map((index) => last.get(`feesOut[${index}]`)),
          ...LIMBS.map((limb) => first.get(`accumulatorIn[${limb}]`)),
        ];
        assert.equal(new Set(expected).size, 13);
        assert.deepEqual(new Set(wires.zero), new Set(expected));
        assert.equal(wires.zero.length, expected.length);
      });
    });
  }
});
