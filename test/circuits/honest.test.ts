import assert from 'node:assert/strict';
import { type ChunkTrace, FIELD_MODULUS, nextVisibleSum, packContext, RecordKind } from '@quittance/protocol';
import { chunkSlotInputs, contextInputs, rootInputs } from '../../prover/index.ts';
import { type Circuit, openCircuit, openForger } from '../support/circuits/circuits.ts';
import { VALID } from '../support/circuits/forgeries.ts';
import { rawSlotInputs } from '../support/circuits/raw-slot.ts';
import { propertySeed } from '../support/property/random.ts';
import { World } from '../support/rollup/world.ts';

const r = FIELD_MODULUS;
const CHALLENGE = 2n ** 127n + 77n;

describe('circuits/slot: honest records', () => {
  let slot: Circuit;
  let root: Circuit;
  let context: Circuit;
  let trace: ChunkTrace;
  const seed = propertySeed();

  before(async () => {
    [slot, root, context] = await Promise.all([openCircuit('slot'), openCircuit('root'), openCircuit('context')]);
    const world = new World(seed);
    // Random chunks until one has all kinds.
    for (let chunk = 0; chunk < 20; chunk++) {
      trace = world.randomChunk(32).trace;
      const kinds = new Set(trace.slots.map(({ operation }) => operation.fields.kind));
      if (kinds.size === Object.keys(RecordKind).length) return;
    }
    throw new Error(`no chunk with all kinds (seed ${seed})`);
  });

  it(`agrees with the protocol on every slot of a random chunk (QUITTANCE_TEST_SEED=${seed})`, () => {
    let sumV = 0n;
    const all = chunkSlotInputs(trace, CHALLENGE);
    for (const [position, inputs] of all.entries()) {
      const values = slot.witness(inputs);
      assert.deepEqual(slot.brokenRows(values), [], `slot ${position}`);
      const next = trace.slots[position + 1];
      sumV = nextVisibleSum(sumV, CHALLENGE, trace.slots[position]!.operation);
      const output = (name: string) => values[slot.wire(name)]!;
      assert.deepEqual(
        Array.from({ length: 64 }, (_, index) => output(`shardsOut[${index}]`)),
        next?.shards ?? trace.finalShards,
      );
      assert.equal(output('commitmentOut'), next?.commitment ?? trace.commitment);
      assert.equal(output('sumVOut'), sumV);
      // 16 blocks: one group, in which the next slot of the same parity goes on.
      const accumulator = [0, 1, 2].map((limb) => output(`accumulatorOut[${limb}]`));
      assert.deepEqual(accumulator, all[position + 2]?.['accumulatorIn'] ?? accumulator);
      assert.deepEqual(
        Array.from({ length: 4 }, (_, index) => output(`feesOut[${index}]`)),
        next?.fees ?? [0n, 0n, 0n, 0n],
      );
    }
  });

  it('agrees on the root before and after', () => {
    const { first, last } = rootInputs(trace);
    for (const [inputs, expected] of [
      [first, trace.oldRoot],
      [last, trace.newRoot],
    ] as const) {
      const values = root.witness(inputs);
      assert.deepEqual(root.brokenRows(values), []);
      assert.equal(values[root.wire('root')], expected);
    }
  });

  it('agrees on the context', () => {
    const values = context.witness(contextInputs(trace));
    assert.deepEqual(context.brokenRows(values), []);
    assert.equal(values[context.wire('batchTime')], BigInt(trace.context.batchTime));
    for (const [index, token] of trace.context.feeTokens.entries()) {
      assert.equal(values[context.wire(`feeTokens[${index}]`)], token);
    }
  });

  it('reads the widest context and refuses a wider one', async () => {
    const widest = packContext([0n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n], 2 ** 40 - 1);
    assert.deepEqual(context.brokenRows(context.witness({ context: widest })), []);
    const forger = await openForger('context');
    assert.deepEqual(context.brokenRows(forger.witness({ context: widest })), []);
    assert.equal(context.brokenRows(forger.witness({ context: widest + 2n ** 172n })).length, 1);
  });

  it('accepts a deposit to a leaf whose key is no point, or one of low order', () => {
    for (const keyY of [2n, 5n, 0n, 1n]) {
      const bob = { ...VALID.deposit.leaves.get(2)!, keyY };
      const inputs = rawSlotInputs({
        ...VALID.deposit,
        words: [keyY, VALID.deposit.words[1], 100n],
        leaves: new Map([
          [2, bob],
          [0, bob],
        ]),
      });
      assert.deepEqual(slot.brokenRows(slot.witness(inputs)), [], `keyY = ${keyY}`);
    }
  });

  it('accepts every boundary: the last unit, the last nonce, the last second, the last index, the full balance', () => {
    const { transfer, withdraw, depositToNew, collectFee, transferToNew, move } = VALID;
    const withAlice = (changes: object) =>
      new Map([...transfer.leaves].map(([index, leaf]) => [index, index === 1 ? { ...leaf, ...changes } : leaf]));
    const withBob = (changes: object) =>
      new Map([...transfer.leaves].map(([index, leaf]) => [index, index === 2 ? { ...leaf, ...changes } : leaf]));
    const boundaries = {
      'all of the balance': { ...transfer, amountMantissa: 997n },
      'the last usable nonce': { ...transfer, leaves: withAlice({ nonce: 2n ** 32n - 2n }) },
      'valid until this second': { ...transfer, validUntil: 1_800_000_000n },
      'valid until the end of time': { ...transfer, validUntil: 2n ** 40n - 1n, batchTime: 2n ** 40n - 1n },
      'a receiver at 2^128 − 1': { ...transfer, leaves: withBob({ balance: 2n ** 128n - 101n }) },
      'the fees of the chunk up to 2^128 − 1': { ...collectFee, leaves: withBob({ balance: 2n ** 128n - 51n }) },
      'the last index': { ...transferToNew, to: 4n ** 12n - 2n },
      'an owner of 160 bits': { ...transferToNew, words: [transferToNew.words[0], 2n ** 160n - 1n, 0n] as const },
      'a deposit of all that can be': {
        ...depositToNew,
        words: [depositToNew.words[0], 2n ** 192n - 1n, 2n ** 128n - 1n] as const,
      },
      'nothing for nothing': { ...transfer, amountMantissa: 0n, feeMantissa: 0n },
      'a withdrawal of nothing': { ...withdraw, amountMantissa: 0n, words: [0n, withdraw.words[1], 0n] as const },
      'a move to destination 0': { ...move, to: 0n },
      'a move to the last destination that has a number': { ...move, to: 4n ** 12n - 1n },
      'a move to the number of its own leaf': { ...move, to: move.from },
      'a move to a number whose leaf is an account': { ...move, to: 2n },
      'a move to any key': { ...move, words: [r - 1n, move.words[1], move.words[2]] as const },
      'a move of nothing': { ...move, amountMantissa: 0n, words: [0n, move.words[1], 0n] as const },
      'a move of all of the balance': { ...move, amountMantissa: 997n, words: [1n, move.words[1], 997n] as const },
      'amount and fee with leading zeros and exponents': {
        ...transfer,
        amountMantissa: 1n,
        amountExponent: 2n,
        feeMantissa: 0n,
        feeExponent: 31n,
      },
    };
    for (const [title, raw] of Object.entries(boundaries)) {
      assert.deepEqual(slot.brokenRows(slot.witness(rawSlotInputs(raw))), [], title);
    }
  });

  it('lets the producer choose the index of a transferToNew under the same signature', () => {
    const here = rawSlotInputs(VALID.transferToNew) as Record<string, unknown>;
    const there = rawSlotInputs({ ...VALID.transferToNew, to: 4_711n }) as Record<string, unknown>;
    assert.equal(here['s'], there['s']);
    assert.deepEqual(slot.brokenRows(slot.witness(rawSlotInputs({ ...VALID.transferToNew, to: 4_711n }))), []);
  });
});
