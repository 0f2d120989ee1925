import assert from 'node:assert/strict';
import {
  type Authorization,
  BASE8,
  type CurvePoint,
  decodeAuthorization,
  encodeAuthorization,
  FIELD_MODULUS,
  isOnCurve,
  SUBGROUP_ORDER,
  toPoint,
  unpackAuthorization,
  xCandidates,
} from '@quittance/protocol';
import { makeBoth, signBoth } from '../../support/channels/joint.ts';
import { createL1, deployContract } from '../../support/contracts/deployment.ts';
import type { ContractTypes } from '../../support/contracts/types.ts';
import { createRandom } from '../../support/property/random.ts';
import { portableCrypto } from '../../support/rollup/world.ts';
import { loadVectors } from '../../support/vectors.ts';

interface SignatureVector {
  readonly id: string;
  readonly msg: string;
  readonly A: [string, string];
  readonly R8: [string, string];
  readonly S: string;
}
interface EddsaVectors {
  readonly valid: readonly SignatureVector[];
  readonly invalid: readonly SignatureVector[];
}
const SIGN_BIT = 1n << 255n;
const words = (...values: bigint[]) => values.map((value) => value.toString(16).padStart(64, '0')).join('');
/** 69 bytes of any content. */
const raw = (r8: bigint, s: bigint, validUntil = 0n) =>
  Uint8Array.from(Buffer.from(validUntil.toString(16).padStart(10, '0') + words(r8, s), 'hex'));
const signBitOf = (x: bigint) => (x > (FIELD_MODULUS - 1n) / 2n ? SIGN_BIT : 0n);
const xOf = (y: bigint) => xCandidates(y)[0] ?? 0n;

describe('StepSignature', () => {
  let contract: ContractTypes['StepCryptography'];
  let hasher: string;

  before(async () => {
    const { ethers } = await createL1();
    contract = await deployContract(ethers, 'StepCryptography');
    hasher = await (await ethers.deployContract('Poseidon5')).getAddress();
  });

  /** Solidity's verdict, which must be TypeScript's on the decoded bytes. */
  async function verdict(message: bigint, keyY: bigint, bytes: Uint8Array): Promise<boolean> {
    const { keyX, r8, s } = decodeAuthorization(bytes, keyY);
    const expected = portableCrypto.verifier.verify({ key: { x: keyX, y: keyY }, signature: { r8, s }, message });
    const r8X = xOf(unpackAuthorization(bytes).r8Y);
    assert.equal(await contract.isValid(hasher, message, keyY, bytes, xOf(keyY), r8X), expected);
    // The other x serves as well.
    const other = (x: bigint) => (x === 0n ? 0n : FIELD_MODULUS - x);
    assert.equal(await contract.isValid(hasher, message, keyY, bytes, other(xOf(keyY)), other(r8X)), expected);
    return expected;
  }

  /** A signature under the key scalar·B8 + torsion that fulfils the equation. */
  function sign(message: bigint, scalar: bigint, nonce: bigint, torsion: CurvePoint = { x: 0n, y: 1n }) {
    const { x: keyX, y: keyY } = BASE8.multiplyUnsafe(scalar).add(toPoint(torsion)!).toAffine();
    const { x, y } = BASE8.multiply(nonce).toAffine();
    const h = portableCrypto.hasher.hash([x, y, keyX, keyY, message]);
    const s = (nonce + h * 8n * scalar) % SUBGROUP_ORDER;
    const authorization: Authorization = { validUntil: 0, keyX, r8: { x, y }, s };
    return { keyY, authorization };
  }

  it('accepts a signature that two parties made with one key', async () => {
    const keys = makeBoth();
    const { x: keyX, y: keyY } = keys.a.publicKey;
    const [{ r8, s }] = signBoth(keys, 41n);
    const bytes = encodeAuthorization({ validUntil: 0, keyX, r8, s });
    assert.equal(await verdict(41n, keyY, bytes), true);
    assert.equal(await verdict(42n, keyY, bytes), false);
  });

  it('accepts all valid signatures of the external vectors', async () => {
    for (const { id, msg, A, R8, S } of loadVectors<EddsaVectors>('eddsa_poseidon').valid) {
      const r8 = { x: BigInt(R8[0]), y: BigInt(R8[1]) };
      const bytes = encodeAuthorization({ validUntil: 0, keyX: BigInt(A[0]), r8, s: BigInt(S) });
      assert.equal(await verdict(BigInt(msg), BigInt(A[1]), bytes), true, id);
    }
  });

  it('rejects all invalid ones that 69 bytes can say', async () => {
    const rejected: string[] = [];
    const unsayable: string[] = [];
    for (const { id, msg, A, R8, S } of loadVectors<EddsaVectors>('eddsa_poseidon').invalid) {
      const [message, keyX, keyY, r8X, r8Y, s] = [msg, ...A, ...R8, S].map(BigInt) as bigint[] as [
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
        bigint,
      ];
      // Another x than the curve's is another point than the vector's: the bytes have its sign only.
      const isSayable =
        message < FIELD_MODULUS &&
        s >= 0n &&
        s < SIGN_BIT &&
        (isOnCurve({ x: keyX, y: keyY }) || xCandidates(keyY).length === 0) &&
        (isOnCurve({ x: r8X, y: r8Y }) || xCandidates(r8Y).length === 0);
      if (!isSayable) {
        unsayable.push(id);
        continue;
      }
      const bytes = raw(r8Y | signBitOf(r8X), s | signBitOf(keyX));
      assert.equal(await verdict(message, keyY, bytes), false, id);
      rejected.push(id);
    }
    assert.ok(rejected.length >= 11, `rejected ${rejected}, cannot say ${unsayable}`);
  });

  it('rejects what is not the canonical encoding: spare bits, R8.y + r, S + l, the other sign', async () => {
    const random = createRandom('spare bits');
    for (let round = 0; round < 4; round += 1) {
      const message = random.fieldElement();
      const { keyY, authorization } = sign(message, random.bits(250), random.bits(250));
      const bytes = encodeAuthorization(authorization);
      assert.equal(await verdict(message, keyY, bytes), true);
      const r8 = authorization.r8.y | signBitOf(authorization.r8.x);
      const s = authorization.s | signBitOf(authorization.keyX);
      assert.deepEqual(bytes, raw(r8, s));
      for (const [badR8, badS] of [
        [r8 | (1n << 254n), s],
        [r8 ^ SIGN_BIT, s],
        [r8 + FIELD_MODULUS, s],
        [r8, s ^ SIGN_BIT],
        [r8, s + SUBGROUP_ORDER],
        [r8, s + 8n * SUBGROUP_ORDER],
        ...[251n, 252n, 253n, 254n].map((bit) => [r8, s ^ (1n << bit)]),
      ] as [bigint, bigint][]) {
        assert.equal(await verdict(message, keyY, raw(badR8, badS)), false, `${badR8}, ${badS}`);
      }
    }
  });

  it('rejects a sign of 1 with x = 0, for R8 and for the key', async () => {
    // R8 = (0, 1) is the identity: S·B8 = h·8·A holds for S = h·8·scalar.
    const [message, scalar] = [5n, 1234n];
    const { x: keyX, y: keyY } = BASE8.multiply(scalar).toAffine();
    const h = portableCrypto.hasher.hash([0n, 1n, keyX, keyY, message]);
    const s = (h * 8n * scalar) % SUBGROUP_ORDER;
    assert.equal(await verdict(message, keyY, raw(1n, s | signBitOf(keyX))), true);
    assert.equal(await verdict(message, keyY, raw(1n | SIGN_BIT, s | signBitOf(keyX))), false);
    // No key with x = 0 ever verifies, with either sign.
    for (const lowOrderY of [1n, FIELD_MODULUS - 1n]) {
      const { x, y } = BASE8.multiply(99n).toAffine();
      for (const sign of [0n, SIGN_BIT]) {
        assert.equal(await verdict(message, lowOrderY, raw(y | signBitOf(x), 99n | sign)), false);
      }
    }
  });

  it('rejects keys of low order, under which R8 = S·B8 would sign anything', async () => {
    const order8 = 4826523245007015323400664741523384119579596407052839571721035538011798951543n;
    const { x, y } = BASE8.multiply(99n).toAffine();
    for (const keyY of [1n, FIELD_MODULUS - 1n, 0n, order8, FIELD_MODULUS - order8]) {
      for (const sign of [0n, SIGN_BIT]) {
        assert.equal(await verdict(7n, keyY, raw(y | signBitOf(x), 99n | sign)), false, String(keyY));
      }
    }
  });

  it('accepts a key outside the subgroup whose multiple by 8 is not the identity, and no R8 outside it', async () => {
    const torsion = { x: 0n, y: FIELD_MODULUS - 1n };
    const { keyY, authorization } = sign(11n, 4321n, 777n, torsion);
    assert.equal(await verdict(11n, keyY, encodeAuthorization(authorization)), true);
    const shifted = toPoint(authorization.r8)!.add(toPoint(torsion)!).toAffine();
    assert.equal(
      await verdict(11n, keyY, encodeAuthorization({ ...authorization, r8: { x: shifted.x, y: shifted.y } })),
      false,
    );
  });

  it('decides for y without x, whatever the witness gives as x', async () => {
    const message = 3n;
    const { keyY, authorization } = sign(message, 55n, 66n);
    const bytes = encodeAuthorization(authorization);
    let without = 2n;
    while (xCandidates(without).length > 0) without += 1n;
    for (const hint of [0n, 1n, FIELD_MODULUS, 2n ** 256n - 1n]) {
      assert.equal(await contract.isValid(hasher, message, without, bytes, hint, authorization.r8.x), false);
      const badR8 = raw(without, authorization.s | signBitOf(authorization.keyX));
      assert.equal(await contract.isValid(hasher, message, keyY, badR8, authorization.keyX, hint), false);
    }
  });

  it('agrees with TypeScript when any one bit of the 69 bytes flips', async function () {
    this.timeout(60_000);
    const { keyY, authorization } = sign(13n, 321n, 654n);
    const bytes = encodeAuthorization({ ...authorization, validUntil: 1_000 });
    for (let bit = 0; bit < 8 * bytes.length; bit += 3) {
      const flipped = bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)));
      // validUntil is part of the message, which is given here.
      assert.equal(await verdict(13n, keyY, flipped), bit < 40, `bit ${bit}`);
    }
  });
});
