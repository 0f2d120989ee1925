import assert from 'node:assert/strict';
import {
  AUTHORIZATION_BYTES,
  type Authorization,
  createKeyPair,
  decodeAuthorization,
  encodeAuthorization,
  FIELD_MODULUS,
  SUBGROUP_ORDER,
  signMessage,
  unpackAuthorization,
  xCandidates,
} from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import { createRandom } from '../../support/property/random.ts';
import { portableCrypto } from '../../support/rollup/world.ts';
import { loadVectors } from '../../support/vectors.ts';

const random = createRandom('authorizations');

function createAuthorization(): { authorization: Authorization; keyY: bigint } {
  const keyPair = createKeyPair(random.bytes());
  const { r8, s } = signMessage(portableCrypto.hasher, keyPair, random.fieldElement());
  const validUntil = Number(random.bits(40));
  return { authorization: { validUntil, keyX: keyPair.publicKey.x, r8, s }, keyY: keyPair.publicKey.y };
}

/** A decoded authorization that verifies for nothing. */
const isRefused = ({ r8 }: Authorization) => r8.x === 0n && r8.y === 0n;

describe('authorization of 69 bytes', () => {
  it('round-trips signatures of both signs', () => {
    const signs = new Set<string>();
    for (let round = 0; round < 40; round += 1) {
      const { authorization, keyY } = createAuthorization();
      const bytes = encodeAuthorization(authorization);
      assert.equal(bytes.length, AUTHORIZATION_BYTES);
      assert.deepEqual(decodeAuthorization(bytes, keyY), authorization);
      const { r8Sign, keySign } = unpackAuthorization(bytes);
      signs.add(`${r8Sign}${keySign}`);
    }
    assert.equal(signs.size, 4);
  });

  it('puts validUntil, R8.y and S at their places, big-endian, with the signs in the top bits', () => {
    const { authorization } = createAuthorization();
    const hex = Buffer.from(encodeAuthorization({ ...authorization, validUntil: 0x0102030405 })).toString('hex');
    const half = (FIELD_MODULUS - 1n) / 2n;
    const packed = (value: bigint, x: bigint) => (value + (x > half ? 1n << 255n : 0n)).toString(16).padStart(64, '0');
    assert.equal(
      hex,
      `0102030405${packed(authorization.r8.y, authorization.r8.x)}${packed(authorization.s, authorization.keyX)}`,
    );
  });

  it('packs points as the external vectors do, byte order aside', () => {
    const { pack } = loadVectors<{ pack: { p: [string, string]; packed_le_hex: string }[] }>('babyjubjub');
    for (const { p, packed_le_hex } of pack) {
      const r8 = { x: BigInt(p[0]), y: BigInt(p[1]) };
      const bytes = encodeAuthorization({ validUntil: 0, keyX: 0n, r8, s: 0n });
      assert.equal(Buffer.from(bytes.slice(5, 37)).reverse().toString('hex'), packed_le_hex);
    }
  });

  it('has no encoding for R8 off the curve, S ≥ l, a key x ≥ r, or an expiry of 41 bits', () => {
    const { authorization } = createAuthorization();
    const { r8, s } = authorization;
    for (const change of [
      { r8: { x: r8.x + 1n, y: r8.y } },
      { r8: { x: r8.x, y: r8.y + FIELD_MODULUS } },
      { s: s + SUBGROUP_ORDER },
      { s: -1n },
      { keyX: FIELD_MODULUS },
      { keyX: -1n },
    ]) {
      assertCode(() => encodeAuthorization({ ...authorization, ...change }), 'NOT_REPRESENTABLE');
    }
    assertCode(() => encodeAuthorization({ ...authorization, validUntil: 2 ** 40 }), 'OUT_OF_RANGE');
  });

  it('refuses other lengths', () => {
    for (const length of [0, 68, 70]) {
      assertCode(() => decodeAuthorization(new Uint8Array(length), 1n), 'WRONG_LENGTH');
    }
  });

  it('decodes bytes that are no signature to one that never verifies, with their expiry', () => {
    const { authorization, keyY } = createAuthorization();
    const bytes = encodeAuthorization({ ...authorization, validUntil: 77 });
    const change = (offset: number, value: bigint) => {
      const word = Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
      return Uint8Array.from([...bytes.slice(0, offset), ...word, ...bytes.slice(offset + 32)]);
    };
    let without = 2n;
    while (xCandidates(without).length > 0) without += 1n;
    const sign = 1n << 255n;
    for (const [title, changed] of [
      ['R8.y = r', change(5, FIELD_MODULUS)],
      ['R8.y + r', change(5, authorization.r8.y + FIELD_MODULUS)],
      ['R8.y without x', change(5, without)],
      ['R8 = (−0, 1)', change(5, 1n | sign)],
      ['R8 = (−0, −1)', change(5, (FIELD_MODULUS - 1n) | sign)],
      ['S = l', change(37, SUBGROUP_ORDER)],
      ['bit 254 of S', change(37, authorization.s | (1n << 254n))],
    ] as const) {
      const decoded = decodeAuthorization(changed, keyY);
      assert.ok(isRefused(decoded), title);
      assert.equal(decoded.validUntil, 77);
      const check = { key: { x: decoded.keyX, y: keyY }, signature: { r8: decoded.r8, s: decoded.s }, message: 1n };
      assert.equal(portableCrypto.verifier.verify(check), false);
    }
    assert.ok(isRefused(decodeAuthorization(bytes, without)));
    assert.equal(isRefused(decodeAuthorization(change(37, authorization.s ^ sign), keyY)), false);
  });

  it('has one encoding for each signature: every bit changes the meaning', () => {
    const { authorization, keyY } = createAuthorization();
    const bytes = encodeAuthorization(authorization);
    for (let bit = 0; bit < 8 * AUTHORIZATION_BYTES; bit += 1) {
      const decoded = decodeAuthorization(bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7))), keyY);
      assert.notDeepEqual(decoded, authorization, `bit ${bit}`);
    }
  });
});
