/** The INSECURE development setup in TypeScript alone: slow, and the reference for the native one. */

import { createHash } from 'node:crypto';
import { throwIfCancelled } from '../cancel.ts';
import { encodeU32, SectionWriter } from '../formats/sections.ts';
import type { KeyMaker } from '../keys/development-key.ts';
import { encodeVerifyingKey } from '../keys/verifying-key.ts';
import { readZkeyHeader, ZkeySection } from '../keys/zkey-header.ts';
import { portableSetupNeeds } from '../resources.ts';
import type { TiledSystem } from '../tiling/layout.ts';
import type { TaskOptions } from '../types.ts';
import { Multiplier } from './multiplier.ts';
import { evaluateQap } from './qap.ts';
import { developmentScalars } from './scalars.ts';
import { writeZkeyCoefficients, writeZkeyHeader } from './write-zkey.ts';

const ZKEY_FILE = 'INSECURE-development.zkey';
const ZKEY_VERSION = 1;
const SECTION_COUNT = 10;
/** alpha, beta and delta in G1, beta, gamma and delta in G2. */
const HEADER_POINTS = 6;

/**
 * The INSECURE development setup without native code: writes a .zkey that snarkjs proves from. Its secrets follow
 * from `seed`, so anybody can forge proofs under it. The section of contributions says so in place of a circuit hash.
 * Twin: native/circuit.ts setupDevelopment.
 * Twin: native/core/src/groth16/setup.rs set_up_development.
 *
 * @throws RollupError CANCELLED on abort; the half-written file is the caller's to remove.
 */
async function setupPortable(
  tiled: TiledSystem,
  seed: string,
  zkeyPath: string,
  options: TaskOptions = {},
): Promise<void> {
  const scalars = developmentScalars(seed);
  options.onProgress?.({ stage: 'evaluate', done: 0, total: 1 });
  const { a, b, l, h } = evaluateQap(tiled, scalars);
  throwIfCancelled(options.signal, 'the development setup');
  options.onProgress?.({ stage: 'evaluate', done: 1, total: 1 });
  const { layout } = tiled;
  const total = HEADER_POINTS + a.length + 2 * b.length + l.length + h.length;
  const multiplier = await Multiplier.create(total, options);
  const writer = await SectionWriter.create(zkeyPath, 'zkey', ZKEY_VERSION, SECTION_COUNT);
  const collect = async (group: 'g1' | 'g2', values: readonly bigint[]): Promise<Uint8Array[]> => {
    const points: Uint8Array[] = [];
    for (const value of values) await multiplier.multiply(group, [value], async (point) => void points.push(point));
    return points;
  };
  const writePoints = async (section: number, group: 'g1' | 'g2', values: readonly bigint[]): Promise<void> => {
    await writer.begin(section);
    await multiplier.multiply(group, values, (points) => writer.write(points));
    await writer.end();
  };
  try {
    const [alpha1, beta1, delta1] = await collect('g1', [scalars.alpha, scalars.beta, scalars.delta]);
    const [beta2, gamma2, delta2] = await collect('g2', [scalars.beta, scalars.gamma, scalars.delta]);
    await writeZkeyHeader(writer, tiled, {
      alpha1: alpha1!,
      beta1: beta1!,
      beta2: beta2!,
      gamma2: gamma2!,
      delta1: delta1!,
      delta2: delta2!,
    });
    await writeZkeyCoefficients(writer, tiled);
    await writePoints(ZkeySection.ic, 'g1', l.slice(0, layout.publicCount + 1));
    await writePoints(ZkeySection.c, 'g1', l.slice(layout.publicCount + 1));
    await writePoints(ZkeySection.a, 'g1', a);
    await writePoints(ZkeySection.b1, 'g1', b);
    await writePoints(ZkeySection.b2, 'g2', b);
    await writePoints(ZkeySection.h, 'g1', h);
    const marker = createHash('sha512').update(`INSECURE rollup development key ${seed}`).digest();
    await writer.section(ZkeySection.contributions, marker, encodeU32(0));
  } finally {
    await writer.close();
    await multiplier.close();
  }
}

/** Keys in snarkjs's format, made without native code. */
export const portableKeyMaker: KeyMaker = {
  format: 'zkey',
  fileName: ZKEY_FILE,
  needs: portableSetupNeeds,
  setUp: async ({ tiled }, seed, { path }, options) => {
    await setupPortable(tiled, seed, path, options);
    return encodeVerifyingKey((await readZkeyHeader(path)).verifyingKey, true);
  },
};
