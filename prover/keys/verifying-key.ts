/** Verifying keys as snarkjs writes them, and the refusal of keys that nobody contributed to. */

import { RollupError, type VerifyingKey } from '@quittance/protocol';
import { decodeG1, decodeG2, encodeG1, encodeG2 } from '../formats/points.ts';

/** A verifying key as snarkjs writes it, with our mark when it is a development key. */
export interface VerifyingKeyJson {
  readonly protocol: 'groth16';
  readonly curve: 'bn128';
  readonly nPublic: number;
  readonly vk_alpha_1: readonly string[];
  readonly vk_beta_2: readonly (readonly string[])[];
  readonly vk_gamma_2: readonly (readonly string[])[];
  readonly vk_delta_2: readonly (readonly string[])[];
  readonly IC: readonly (readonly string[])[];
  /** True for a key whose secrets are known: INSECURE, for local chains only. */
  readonly development?: boolean;
  /** Slots of the circuit's chunk, where whoever wrote the file knew: a deployment of another profile refuses the key. */
  readonly slotsPerChunk?: number;
}

const CODE = 'VERIFYING_KEY_UNREADABLE';

/** Reads snarkjs's form. @throws RollupError VERIFYING_KEY_UNREADABLE when it is not a Groth16 key over BN254 in affine form. */
export function decodeVerifyingKey(json: VerifyingKeyJson): VerifyingKey {
  const fits =
    json?.protocol === 'groth16' &&
    json.curve === 'bn128' &&
    Array.isArray(json.IC) &&
    json.IC.length === json.nPublic + 1;
  if (!fits) throw new RollupError(CODE, 'this is not a Groth16 verifying key over BN254', {});
  return {
    alpha: decodeG1(json.vk_alpha_1, CODE),
    beta: decodeG2(json.vk_beta_2, CODE),
    gamma: decodeG2(json.vk_gamma_2, CODE),
    delta: decodeG2(json.vk_delta_2, CODE),
    ic: json.IC.map((point) => decodeG1(point, CODE)),
  };
}

/** Writes snarkjs's form; `development` marks keys whose secrets are known. */
export function encodeVerifyingKey(key: VerifyingKey, development: boolean): VerifyingKeyJson {
  return {
    protocol: 'groth16',
    curve: 'bn128',
    nPublic: key.ic.length - 1,
    vk_alpha_1: encodeG1(key.alpha),
    vk_beta_2: encodeG2(key.beta),
    vk_gamma_2: encodeG2(key.gamma),
    vk_delta_2: encodeG2(key.delta),
    IC: key.ic.map(encodeG1),
    ...(development ? { development } : {}),
  };
}

/**
 * Refuses a key that nobody contributed to: with gamma = delta anybody can forge proofs.
 *
 * @throws RollupError INSECURE_KEY.
 */
export function assertContributed(key: VerifyingKey): void {
  const [gamma, delta] = [key.gamma, key.delta].map((point) => point.flat().join());
  if (gamma !== delta) return;
  throw new RollupError(
    'INSECURE_KEY',
    'nobody contributed to this key (gamma = delta): proofs under it can be forged',
    {
      gamma: gamma!,
    },
  );
}
