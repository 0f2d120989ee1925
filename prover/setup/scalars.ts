/** The secrets of a development key, from its seed. */

import { createHash } from 'node:crypto';
import { FIELD_MODULUS, RollupError } from '@quittance/protocol';

const TAG = 'rollup insecure development key';

/** The secrets of a development key. Whoever knows the seed knows them and can prove anything: never for real money. */
export interface DevelopmentScalars {
  readonly tau: bigint;
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly gamma: bigint;
  readonly delta: bigint;
}

/**
 * Each secret is sha256(tag ‖ seed ‖ name) as a big-endian integer mod r, 1 in place of 0.
 * Twin: native/core/src/groth16/development.rs derive.
 *
 * @throws RollupError INSECURE_KEY when gamma = delta, which would let anybody forge proofs without the seed.
 */
export function developmentScalars(seed: string): DevelopmentScalars {
  const derive = (name: string): bigint => {
    const digest = createHash('sha256').update(TAG).update(seed, 'utf8').update(name).digest('hex');
    return BigInt(`0x${digest}`) % FIELD_MODULUS || 1n;
  };
  const scalars = {
    tau: derive('tau'),
    alpha: derive('alpha'),
    beta: derive('beta'),
    gamma: derive('gamma'),
    delta: derive('delta'),
  };
  if (scalars.gamma === scalars.delta) throw new RollupError('INSECURE_KEY', 'the seed gives gamma = delta', { seed });
  return scalars;
}
