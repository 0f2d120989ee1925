import assert from 'node:assert/strict';
import {
  type PackedTrace,
  packTrace,
  portableHasher,
  RecordKind,
  SHARDS_BYTES,
  SLOT_TRACE_BYTES,
  unpackTrace,
  WORD_BYTES,
  writeWord,
} from '@quittance/protocol';
import {
  chunkSlotInputs,
  chunkTileInputs,
  contextInputs,
  foldInputs,
  rootInputs,
  weightsInputs,
} from '../../prover/index.ts';
import type { PackedInputs, TapeInput } from '../../prover/witness/types.ts';
import { assertCode } from '../support/assertions.ts';
import { bits, worldSeed } from '../support/property/arbitraries.ts';
import { property } from '../support/property/property.ts';
import { executeChunk } from '../support/rollup/execute-chunk.ts';
import { CONTEXT, collectFee, createState, deposit, transfer } from '../support/rollup/scene.ts';
import { portableCrypto, World } from '../support/rollup/world.ts';
import { CHALLENGE, smallChunk } from './fixtures/chunk.ts';

type Named = ReturnType<typeof chunkSlotInputs>[number];

const flat = (value: Named[string]): bigint[] => [value].flat(2) as bigint[];

/** The inputs of the slot, in an order that is not ours. */
const orderOf = (inputs: Named): TapeInput[] =>
  Object.entries(inputs)
    .map(([name, value]) => ({ name, count: flat(value).length }))
    .sort((one, other) => (one.name < other.name ? 1 : -1));

function encode(inputs: readonly Named[], order: readonly TapeInput[]): Uint8Array {
  const elements = inputs.flatMap((input) => order.flatMap(({ name }) => flat(input[name]!)));
  const bytes = new Uint8Array(elements.length * WORD_BYTES);
  for (const [position, element] of elements.entries())
    writeWord(new DataView(bytes.buffer), position * WORD_BYTES, element);
  return bytes;
}

const slotsOf = (trace: PackedTrace, challenge: bigint) => chunkTileInputs(trace, challenge)['slot'] as PackedInputs;

describe('inputs from a packed trace', () => {
  const seen = new Set<number>();
  property(
    'are those from the trace itself, from any slot to any other, and those of the other tiles',
    [worldSeed(), bits(128)],
    (seed, challenge) => {
      const world = new World(seed);
      for (const index of [undefined, undefined, 2 ** 18, 2 ** 24 - 1]) world.fund(0, 10n ** 20n, index);
      const { trace } = world.randomChunk(36);
      for (const { operation } of trace.slots) seen.add(operation.fields.kind);
      const packed = packTrace(portableHasher, trace);
      const { slot: _, ...others } = chunkTileInputs(packed, challenge);
      const slots = slotsOf(packed, challenge);
      const expected = chunkSlotInputs(trace, challenge);
      assert.equal(slots.count, 36);
      assert.deepEqual(slots.named(), expected);
      const order = orderOf(expected[0]!);
      for (const [first, end] of [
        [0, 36],
        [0, 1],
        [7, 20],
        [35, 36],
        [5, 5],
      ] as const) {
        assert.deepEqual(slots.elements(order, first, end), encode(expected.slice(first, end), order));
      }
      const { first, last } = rootInputs(trace);
      assert.deepEqual(others, {
        root: [first, last],
        context: [contextInputs(trace)],
        weights: [weightsInputs(challenge)],
        fold: foldInputs(trace, challenge),
      });
    },
    { runs: 4, afterAll: () => assert.deepEqual([...seen].sort(), Object.values(RecordKind).sort()) },
  );

  it('leave out an authorization that no rule asks for', () => {
    const { authorization } = transfer({ validUntil: CONTEXT.batchTime });
    const operations = [
      { ...deposit(), authorization: authorization! },
      { ...collectFee(), authorization: authorization! },
    ];
    const { trace } = executeChunk(portableCrypto, createState(), operations, CONTEXT);
    const expected = chunkSlotInputs(trace, CHALLENGE);
    assert.deepEqual(
      expected.map(({ validUntil, keyX, r8x, r8y, s }) => [validUntil, keyX, r8x, r8y, s]),
      operations.map(() => [0n, 0n, 0n, 1n, 0n]),
    );
    const order = orderOf(expected[0]!);
    const slots = slotsOf(packTrace(portableHasher, trace), CHALLENGE);
    assert.deepEqual(slots.elements(order, 0, 2), encode(expected, order));
  });

  it('are refused by a calculator that has others: WITNESS_REJECTED', () => {
    const trace = smallChunk();
    const slots = slotsOf(trace, CHALLENGE);
    const order = orderOf(chunkSlotInputs(unpackTrace(trace), CHALLENGE)[0]!);
    for (const [changed, reason] of [
      [order.slice(1), /has \d+ inputs/],
      [[...order, { name: 'more', count: 1 }], /has \d+ inputs/],
      [[...order.slice(1), { name: 'more', count: 1 }], /nothing gives its input more/],
      [order.map((input) => (input.name === 'words' ? { ...input, count: 4 } : input)), /words has 4 values, not 3/],
    ] as const) {
      assert.match(assertCode(() => slots.elements(changed, 0, 2), 'WITNESS_REJECTED').message, reason);
    }
  });

  it('are refused for bytes that are no trace, and a challenge of more than 128 bits', () => {
    const trace = smallChunk();
    assertCode(() => chunkTileInputs({ ...trace, bytes: trace.bytes.subarray(1) }, CHALLENGE), 'WRONG_LENGTH');
    assertCode(() => chunkTileInputs(trace, 1n << 128n), 'OUT_OF_RANGE');
    const bytes = Uint8Array.from(trace.bytes);
    bytes[SHARDS_BYTES + SLOT_TRACE_BYTES + 14] = 1; // from 2^24 on there are no leaves
    assertCode(() => chunkTileInputs({ ...trace, bytes }, CHALLENGE), 'OUT_OF_RANGE');
  });
});
