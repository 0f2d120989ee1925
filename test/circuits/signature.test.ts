import assert from 'node:assert/strict';
import { createKeyPair, FIELD_MODULUS, portableHasher, SUBGROUP_ORDER, signMessage } from '@quittance/protocol';
import type { CircuitInput } from '../../prover/index.ts';
import { addPoints, BASE8, multiplyPoint } from '../../scripts/generate/fixed-base-table.ts';
import { assertCode } from '../support/assertions.ts';
import { makeBoth, signBoth } from '../support/channels/joint.ts';
import { type Circuit, openFixture, openFixtureForger } from '../support/circuits/circuits.ts';
import { lowOrderPoint } from '../support/crypto/full-order-point.ts';
import { createRandom, propertySeed } from '../support/property/random.ts';
import { portableCrypto } from '../support/rollup/world.ts';
import { loadVectors } from '../support/vectors.ts';

interface SignatureVector {
  readonly id: string;
  readonly msg: string;
  readonly A: readonly [string, string];
  readonly R8: readonly [string, string];
  readonly S: string;
  readonly expected: boolean;
}

interface SignatureVectors {
  readonly valid: readonly SignatureVector[];
  readonly invalid: readonly SignatureVector[];
}

const inputsOf = ({ msg, A, R8, S }: SignatureVector): CircuitInput => ({
  enabled: 1n,
  xA: A[0],
  yA: A[1],
  xR8: R8[0],
  yR8: R8[1],
  s: S,
  message: msg,
});

const DISABLED = { enabled: 0n, xR8: 0n, yR8: 1n, s: 0n };

describe('circuits/signature', () => {
  let circuit: Circuit;
  let forger: Circuit;
  const seed = propertySeed();

  before(async () => {
    circuit = await openFixture('signature');
    forger = await openFixtureForger('signature');
  });

  const isAccepted = (inputs: CircuitInput): boolean => circuit.brokenRows(forger.witness(inputs)).length === 0;

  it('accepts the valid external vectors', () => {
    const { valid } = loadVectors<SignatureVectors>('eddsa_poseidon');
    for (const vector of valid) assert.deepEqual(circuit.brokenRows(circuit.witness(inputsOf(vector))), [], vector.id);
  });

  it('refuses the invalid external vectors', () => {
    const { invalid } = loadVectors<SignatureVectors>('eddsa_poseidon');
    for (const vector of invalid) {
      const inputs = inputsOf(vector);
      const values = Object.values(inputs).map((value) => BigInt(value as string));
      if (values.every((value) => value >= 0n && value < FIELD_MODULUS)) {
        assert.ok(!isAccepted(inputs), vector.id);
      } else {
        // No wire has such a value: it is refused as an input.
        assertCode(() => circuit.witness(inputs), 'WITNESS_REJECTED', vector.id);
      }
    }
  });

  it(`agrees with the protocol on random signatures and on each of them altered (QUITTANCE_TEST_SEED=${seed})`, () => {
    const random = createRandom(`signature/${seed}`);
    for (let round = 0; round < 8; round++) {
      const keyPair = createKeyPair(random.bytes());
      const message = random.fieldElement();
      const { r8, s } = signMessage(portableHasher, keyPair, message);
      const inputs = {
        enabled: 1n,
        xA: keyPair.publicKey.x,
        yA: keyPair.publicKey.y,
        xR8: r8.x,
        yR8: r8.y,
        s,
        message,
      };
      assert.ok(isAccepted(inputs));
      for (const field of ['xA', 'yA', 'xR8', 'yR8', 's', 'message'] as const) {
        const altered = { ...inputs, [field]: inputs[field] ^ (1n << BigInt(random.below(250))) };
        if (altered[field] >= FIELD_MODULUS) continue;
        const check = {
          key: { x: altered.xA, y: altered.yA },
          signature: { r8: { x: altered.xR8, y: altered.yR8 }, s: altered.s },
          message: altered.message,
        };
        assert.equal(isAccepted(altered), portableCrypto.verifier.verify(check), field);
      }
    }
  });

  it('accepts a signature that two parties made with one key', () => {
    const keys = makeBoth();
    const { x: xA, y: yA } = keys.a.publicKey;
    const [{ r8, s }] = signBoth(keys, 41n);
    const inputs = { enabled: 1n, xA, yA, xR8: r8.x, yR8: r8.y, s, message: 41n };
    assert.ok(isAccepted(inputs));
    assert.ok(!isAccepted({ ...inputs, message: 42n }));
  });

  it('refuses the same signature with l added to S, once or more', () => {
    const keyPair = createKeyPair(new Uint8Array(32).fill(7));
    const { r8, s } = signMessage(portableHasher, keyPair, 5n);
    const inputs = { enabled: 1n, xA: keyPair.publicKey.x, yA: keyPair.publicKey.y, xR8: r8.x, yR8: r8.y, message: 5n };
    assert.ok(isAccepted({ ...inputs, s }));
    for (let times = 1n; times <= 6n; times++) {
      assert.ok(!isAccepted({ ...inputs, s: s + times * SUBGROUP_ORDER }), `${times}`);
    }
  });

  it('accepts a key with a part of order 8 and refuses R8 with one, as the protocol does', () => {
    const torsion = lowOrderPoint(8);
    const secret = 1_234_567n;
    const nonce = 7_654_321n;
    const key = addPoints(multiplyPoint(secret, BASE8), torsion);
    const commitment = multiplyPoint(nonce, BASE8);
    for (const [r8, expected] of [
      [commitment, true],
      [addPoints(commitment, torsion), false],
      [addPoints(commitment, multiplyPoint(4n, torsion)), false],
    ] as const) {
      const hash = portableHasher.hash([...r8, ...key, 5n]);
      const s = (nonce + 8n * hash * secret) % SUBGROUP_ORDER;
      const check = {
        key: { x: key[0], y: key[1] },
        signature: { r8: { x: r8[0], y: r8[1] }, s },
        message: 5n,
      };
      assert.equal(portableCrypto.verifier.verify(check), expected);
      const inputs = { enabled: 1n, xA: key[0], yA: key[1], xR8: r8[0], yR8: r8[1], s, message: 5n };
      assert.equal(isAccepted(inputs), expected);
    }
  });

  it('accepts R8 the identity with the S that belongs to it, and no other S', () => {
    const secret = 99n;
    const key = multiplyPoint(secret, BASE8);
    const identity = [0n, 1n] as const;
    const hash = portableHasher.hash([...identity, ...key, 5n]);
    const s = (8n * hash * secret) % SUBGROUP_ORDER;
    const inputs = { enabled: 1n, xA: key[0], yA: key[1], xR8: 0n, yR8: 1n, s, message: 5n };
    assert.ok(isAccepted(inputs));
    assert.ok(!isAccepted({ ...inputs, s: 0n }));
  });

  it('leaves no wire of a verification free', () => {
    const keyPair = createKeyPair(new Uint8Array(32).fill(8));
    const { r8, s } = signMessage(portableHasher, keyPair, 5n);
    const values = circuit.witness({
      enabled: 1n,
      xA: keyPair.publicKey.x,
      yA: keyPair.publicKey.y,
      xR8: r8.x,
      yR8: r8.y,
      s,
      message: 5n,
    });
    assert.deepEqual(
      circuit.freeWires(values, (value) => (value + 1n) % FIELD_MODULUS),
      [],
    );
  });

  it('can be satisfied under any key when it is disabled, also one that is no point or of low order', () => {
    for (const [xA, yA] of [
      [0n, 0n],
      [0n, 1n],
      [0n, FIELD_MODULUS - 1n],
      [5n, 2n],
      [FIELD_MODULUS - 1n, FIELD_MODULUS - 1n],
    ] as const) {
      const values = circuit.witness({ ...DISABLED, xA, yA, message: 99n });
      assert.deepEqual(circuit.brokenRows(values), [], `A = (${xA}, ${yA})`);
    }
  });

  it('still refuses a point R8 off the curve and S ≥ l when it is disabled', () => {
    assert.ok(isAccepted({ ...DISABLED, xA: 0n, yA: 0n, message: 1n }));
    assert.ok(!isAccepted({ ...DISABLED, xA: 0n, yA: 0n, message: 1n, xR8: 1n }));
    assert.ok(!isAccepted({ ...DISABLED, xA: 0n, yA: 0n, message: 1n, s: SUBGROUP_ORDER }));
  });
});
