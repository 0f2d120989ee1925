import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { type ErrorCode, isRollupError } from '@quittance/protocol';
import { translate } from '../../native/call.ts';
import * as native from '../../native/index.ts';
import { describeNative } from '../support/native.ts';

/** Values of the wrong type, whatever the right one is. */
const ODD: readonly unknown[] = [
  null,
  undefined,
  1.5,
  Number.NaN,
  true,
  Symbol('x'),
  {},
  () => 1n,
  Object.create(null),
];
/** As ODD, for a place where a list belongs. */
const NO_LISTS: readonly unknown[] = [...ODD, 'text', 7n];

/** Calls with one value of the wrong type, and the code that each must give. */
const CALLS: readonly [name: string, code: ErrorCode, call: (odd: never) => unknown, values?: readonly unknown[]][] = [
  ['poseidon', 'OUT_OF_RANGE', (odd) => native.poseidon(odd), NO_LISTS],
  ['an input of poseidon', 'OUT_OF_RANGE', (odd) => native.poseidon([1n, odd]), [...ODD, '7', [1n]]],
  ['poseidonMany', 'OUT_OF_RANGE', (odd) => native.poseidonMany(odd), NO_LISTS],
  ['a group of poseidonMany', 'OUT_OF_RANGE', (odd) => native.poseidonMany([[1n], odd]), NO_LISTS],
  ['an input of poseidonMany', 'OUT_OF_RANGE', (odd) => native.poseidonMany([[1n], [odd]]), [...ODD, '7', [1n]]],
  ['verifySignatures', 'OUT_OF_RANGE', (odd) => native.verifySignatures(odd), NO_LISTS],
  ['verifySignaturesAsync', 'OUT_OF_RANGE', (odd) => native.verifySignaturesAsync(odd), NO_LISTS],
  ['the keys of signMany', 'OUT_OF_RANGE', (odd) => native.signMany(odd, []), NO_LISTS],
  ['a key of signMany', 'INVALID_KEY', (odd) => native.signMany([odd], [])],
  ['the messages of signMany', 'OUT_OF_RANGE', (odd) => native.signMany([], odd), NO_LISTS],
  ['a message of signMany', 'OUT_OF_RANGE', (odd) => native.signMany([], [odd])],
  ['the secrets of signPacked', 'INVARIANT_BROKEN', (odd) => native.signPacked(odd, BYTES), [...NO_LISTS, []]],
  ['the items of signPacked', 'INVARIANT_BROKEN', (odd) => native.signPacked(BYTES, odd), [...NO_LISTS, []]],
  [
    'verifySignatureItems',
    'INVARIANT_BROKEN',
    (odd) => native.verifySignatureItems(odd),
    [...NO_LISTS, new Uint8Array(191)],
  ],
  ['usableKeyItems', 'INVARIANT_BROKEN', (odd) => native.usableKeyItems(odd), [...NO_LISTS, new Uint8Array(31)]],
  ['poseidonGroups', 'INVARIANT_BROKEN', (odd) => native.poseidonGroups(odd, 4), [...NO_LISTS, new Uint8Array(127)]],
  ['the arity of poseidonGroups', 'INVARIANT_BROKEN', (odd) => native.poseidonGroups(BYTES, odd), [0, 17, 'text', {}]],
  [
    'the key of verify',
    'VERIFYING_KEY_UNREADABLE',
    (odd) => native.verify(odd, [], PROOF),
    [...ODD, 7n, '', '{}', '['],
  ],
  ['the proof of verify', 'PROOF_UNREADABLE', (odd) => native.verify('{}', [], odd), NO_LISTS],
  ['A of a proof', 'PROOF_UNREADABLE', (odd) => native.verify('{}', [], { ...PROOF, a: odd }), NO_LISTS],
  ['B of a proof', 'PROOF_UNREADABLE', (odd) => native.verify('{}', [], { ...PROOF, b: odd }), NO_LISTS],
  ['a coordinate', 'OUT_OF_RANGE', (odd) => native.verify('{}', [], { ...PROOF, c: [odd, 1n] }), [...ODD, '7']],
  ['the inputs of verify', 'OUT_OF_RANGE', (odd) => native.verify('{}', odd, PROOF), NO_LISTS],
  ['an input of verify', 'OUT_OF_RANGE', (odd) => native.verify('{}', [odd], PROOF), [...ODD, '7']],
  ['the witness of checkWitness', 'WITNESS_REJECTED', (odd) => native.checkWitness({ layoutPath: 'x', witness: odd })],
  ['the layout of checkWitness', 'INVARIANT_BROKEN', (odd) => native.checkWitness({ layoutPath: odd, witness: BYTES })],
  ['the options of checkWitness', 'INVARIANT_BROKEN', (odd) => native.checkWitness(odd)],
  ['the options of setupDevelopment', 'INVARIANT_BROKEN', (odd) => native.setupDevelopment(odd)],
  ['the options of exportZkey', 'INVARIANT_BROKEN', (odd) => native.exportZkey(odd)],
  ['the options of importZkey', 'INVARIANT_BROKEN', (odd) => native.importZkey(odd)],
  ['the paths of openProver', 'INVARIANT_BROKEN', (odd) => native.openProver(odd)],
  ['a path of openProver', 'INVARIANT_BROKEN', (odd) => native.openProver({ layoutPath: 'x', provingKeyPath: odd })],
  ['the options of prove', 'INVARIANT_BROKEN', (odd) => native.prove(odd)],
  ['the paths of buildWitnessTape', 'INVARIANT_BROKEN', (odd) => native.buildWitnessTape(odd)],
  ['the path of openWitnessTape', 'INVARIANT_BROKEN', (odd) => native.openWitnessTape(odd)],
];

const BYTES = new Uint8Array(64);
const PROOF = {
  a: [1n, 2n],
  b: [
    [1n, 2n],
    [3n, 4n],
  ],
  c: [1n, 2n],
} as const;

describeNative('native calls with values of the wrong type', () => {
  for (const [name, code, operation, values = ODD] of CALLS) {
    it(`give ${code} for ${name}`, async () => {
      for (const value of values) {
        const thrown: unknown = await new Promise((settle) => settle(operation(value as never))).then(
          () => 'nothing',
          (error: unknown) => error,
        );
        assert.ok(isRollupError(thrown, code), `${typeof value}: ${thrown}`);
      }
    });
  }

  it('find a signature invalid that lacks parts, has parts of other types or is none', () => {
    const checks = [...NO_LISTS, { key: null }, { key: { x: 1n, y: 1.5 }, signature: { r8: null, s: Symbol('s') } }];
    const verdicts = native.verifySignatures(checks as never);
    assert.deepEqual(verdicts, Array(checks.length).fill(false));
  });
});

describe('errors of the native addon', () => {
  it('come with their code and values', () => {
    const error = translate(new Error('CANCELLED\nthe job was cancelled\n{"wire":3}'));
    assert.deepEqual([error.code, error.message, error.data['wire']], ['CANCELLED', 'the job was cancelled', 3]);
  });

  it('are INVARIANT_BROKEN when the addon panicked or did not foresee them', () => {
    const panic = 'INVARIANT_BROKEN\nthe native code panicked: index out of bounds\n{}';
    for (const thrown of [
      new Error(panic),
      new Error('Value is not a string'),
      new Error('A\nb\n{}'),
      'text',
      undefined,
    ]) {
      assert.equal(translate(thrown).code, 'INVARIANT_BROKEN');
    }
  });

  it('cannot be panics: every function that does work goes through what catches them', () => {
    const folder = new URL('../../native/binding/src/', import.meta.url);
    let count = 0;
    for (const file of readdirSync(folder)) {
      const source = readFileSync(new URL(file, folder), 'utf8');
      for (const [, attributes, name, body] of source.matchAll(
        /#\[napi(\([^\]]*\))?\]\s*pub fn (\w+)([\s\S]*?\n {0,4}\}\n)/g,
      )) {
        if (/getter|constructor/.test(attributes ?? '') || SIMPLE.has(name!)) continue;
        assert.match(body!, /\b(guard|background)\(/, `${file}: ${name}`);
        count += 1;
      }
    }
    assert.ok(count >= 12, `${count} functions`);
  });
});

/** Functions that read a field and nothing else. */
const SIMPLE = new Set(['cancel', 'progress', 'verifying_key', 'witness_tape_version']);
