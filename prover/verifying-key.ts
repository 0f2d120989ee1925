import { RollupError, type VerifyingKey } from '@quittance/protocol';

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
}

type G1 = readonly [bigint, bigint];
type G2 = readonly [G1, G1];

/** Reads snarkjs's form. @throws RollupError MALFORMED when it is not a Groth16 key over BN254 in affine form. */
export function decodeVerifyingKey(json: VerifyingKeyJson): VerifyingKey {
  const fits =
    json?.protocol === 'groth16' &&
    json.curve === 'bn128' &&
    Array.isArray(json.IC) &&
    json.IC.length === json.nPublic + 1;
  if (!fits) throw new RollupError('MALFORMED', 'this is no Groth16 verifying key over BN254', {});
  return {
    alpha: decodeG1(json.vk_alpha_1),
    beta: decodeG2(json.vk_beta_2),
    gamma: decodeG2(json.vk_gamma_2),
    delta: decodeG2(json.vk_delta_2),
    ic: json.IC.map(decodeG1),
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

export function encodeG1([x, y]: G1): string[] {
  return [x.toString(), y.toString(), '1'];
}

export function encodeG2([x, y]: G2): string[][] {
  return [x.map(String), y.map(String), ['1', '0']];
}

/** Reads an affine point of G1; the point at infinity has no such form. @throws RollupError MALFORMED. */
export function decodeG1(point: readonly unknown[]): [bigint, bigint] {
  if (!Array.isArray(point) || point.length !== 3 || point[2] !== '1') refusePoint(point);
  return [decodeInteger(point[0]), decodeInteger(point[1])];
}

/** As `decodeG1` for G2. */
export function decodeG2(point: readonly unknown[]): [[bigint, bigint], [bigint, bigint]] {
  if (!Array.isArray(point) || point.length !== 3 || String(point[2]) !== '1,0') refusePoint(point);
  const [[x0, x1], [y0, y1]] = point as unknown[][] as [[unknown, unknown], [unknown, unknown]];
  return [
    [decodeInteger(x0), decodeInteger(x1)],
    [decodeInteger(y0), decodeInteger(y1)],
  ];
}

function decodeInteger(text: unknown): bigint {
  if (typeof text !== 'string' || !/^(0|[1-9][0-9]{0,77})$/.test(text)) refusePoint(text);
  return BigInt(text as string);
}

function refusePoint(value: unknown): never {
  throw new RollupError('MALFORMED', `${JSON.stringify(value)} is no affine point in decimal`, {});
}
