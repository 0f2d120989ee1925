/**
 * EdDSA-Poseidon exactly as circomlib and circomlibjs have it.
 * Source: docs/protocol.md, Signature.
 */

import { blake512 } from '@noble/hashes/blake1.js';
import { RollupError } from '../errors/index.ts';
import type { Hasher } from '../hash.ts';
import { isFieldElement, requireFieldElement } from '../integers.ts';
import { SUBGROUP_ORDER, WORD_BYTES } from '../params.ts';
import type { CurvePoint } from '../types.ts';
import { BASE8, IDENTITY, multiplyByCofactor, toPoint } from './curve.ts';

/** A signature under a stated key. */
export interface Signature {
  readonly r8: CurvePoint;
  /** 0 ≤ s < l. */
  readonly s: bigint;
}

/** What one signature check needs. */
export interface SignatureCheck {
  readonly key: CurvePoint;
  readonly signature: Signature;
  /** Field element. */
  readonly message: bigint;
}

/** Checks signatures. The composition root injects the native one where it is built. */
export interface SignatureVerifier {
  /** Whether the signature is valid by docs/protocol.md, Signature. Never throws on untrusted input. */
  verify(check: SignatureCheck): boolean;
  /** `verify` of each, for implementations that are faster with many at once. */
  verifyMany?(checks: readonly SignatureCheck[]): readonly boolean[];
  /** The x of points as `xCoordinates` gives them, for implementations that are faster and off the main thread. */
  xCoordinates?(points: Uint8Array): Promise<Uint8Array>;
}

/**
 * A key pair: `secret` is the 32-byte seed as circomlibjs takes it. The public key must be the secret's own, as
 * `createKeyPair` makes it: two signatures of one message under two public keys would give the secret away.
 */
export interface KeyPair {
  readonly secret: Uint8Array;
  readonly publicKey: CurvePoint;
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function toLittleEndian(value: bigint, byteCount: number): Uint8Array {
  return Uint8Array.from({ length: byteCount }, (_, position) => Number((value >> BigInt(8 * position)) & 0xffn));
}

/** BLAKE-512 of the seed: the clamped scalar s (a multiple of 8) and the nonce prefix. */
function expandSecret(secret: Uint8Array): { scalar: bigint; prefix: Uint8Array } {
  if (secret.length !== 32) {
    throw new RollupError('INVALID_KEY', `a secret has 32 bytes, got ${secret.length}`, {
      actual: secret.length,
      expected: 32,
    });
  }
  const digest = blake512(secret);
  const low = digest.slice(0, 32);
  low[0] = low[0]! & 0xf8;
  low[31] = (low[31]! & 0x7f) | 0x40;
  return { scalar: fromLittleEndian(low), prefix: digest.slice(32, 64) };
}

/** Public key A = (s/8)·B8 of a 32-byte secret. @throws RollupError INVALID_KEY for another length. */
export function publicKeyOf(secret: Uint8Array): CurvePoint {
  const { scalar } = expandSecret(secret);
  const { x, y } = BASE8.multiply((scalar >> 3n) % SUBGROUP_ORDER).toAffine();
  return { x, y };
}

/** Key pair of a 32-byte secret. @throws RollupError INVALID_KEY for another length. */
export function createKeyPair(secret: Uint8Array): KeyPair {
  // A copy: a caller that wipes or reuses its buffer must not part the secret from its public key.
  return Object.freeze({ secret: Uint8Array.from(secret), publicKey: publicKeyOf(secret) });
}

function challengeOf(hasher: Hasher, r8: CurvePoint, key: CurvePoint, message: bigint): bigint {
  return hasher.hash([r8.x, r8.y, key.x, key.y, message]);
}

/**
 * Deterministic signature of a field element.
 *
 * @throws RollupError OUT_OF_RANGE for a message ≥ r, INVALID_KEY for a bad secret.
 * Twin: native/sign.ts signMany.
 * Twin: native/core/src/babyjubjub/sign.rs sign_batch.
 */
export function signMessage(hasher: Hasher, { secret, publicKey }: KeyPair, message: bigint): Signature {
  requireFieldElement('message', message);
  const { scalar, prefix } = expandSecret(secret);
  const composed = new Uint8Array(prefix.length + WORD_BYTES);
  composed.set(prefix);
  composed.set(toLittleEndian(message, WORD_BYTES), prefix.length);
  const nonce = fromLittleEndian(blake512(composed)) % SUBGROUP_ORDER;
  const { x, y } = BASE8.multiply(nonce).toAffine();
  const r8 = { x, y };
  const s = (nonce + challengeOf(hasher, r8, publicKey, message) * scalar) % SUBGROUP_ORDER;
  return { r8, s };
}

/**
 * Plain TypeScript verifier on @noble/curves.
 * Twin: circuits/lib/signature.circom Signature.
 * Twin: contracts/step/StepSignature.sol isValid.
 * Twin: native/core/src/babyjubjub/eddsa.rs verify.
 * Twin: native/signature.ts nativeSignatureVerifier.
 */
export function createPortableVerifier(hasher: Hasher): SignatureVerifier {
  return {
    verify({ key, signature: { r8, s }, message }) {
      if (s < 0n || s >= SUBGROUP_ORDER || !isFieldElement(message)) return false;
      const keyPoint = toPoint(key);
      const r8Point = toPoint(r8);
      if (keyPoint === undefined || r8Point === undefined) return false;
      const cleared = multiplyByCofactor(keyPoint);
      if (cleared.equals(IDENTITY)) return false;
      // h < r may exceed l; 8·A has order l, so h mod l gives the same point.
      const h = challengeOf(hasher, r8, key, message) % SUBGROUP_ORDER;
      return BASE8.multiplyUnsafe(s).equals(r8Point.add(cleared.multiplyUnsafe(h)));
    },
  };
}
