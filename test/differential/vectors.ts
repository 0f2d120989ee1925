/** The vectors of test/vectors/: one record of each kind and outcome, on the two leaves that it reads, and whatever was found. */

import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { type Crypto, RollupState } from '@quittance/protocol';
import { createRandom } from '../support/property/random.ts';
import { createCase, type DifferentialCase } from './cases.ts';
import { ReachableRollup } from './reachable.ts';
import { judge } from './rules.ts';
import { type DifferentialVector, encodeVector } from './vector.ts';

const FOLDER = new URL('../vectors/', import.meta.url);
const GENERATED = new URL('differential.json', FOLDER);
const GENERATOR = 'QUITTANCE_UPDATE_SNAPSHOTS=1 ./dev test test/differential/vectors.test.ts';
const SEED = 'vectors';
const WORLDS = 30;
const WORLD_RECORDS = 60;

/** A file of vectors. */
export interface VectorFile {
  /** How the file is made; absent when somebody put a found record there. */
  readonly generator?: string;
  readonly vectors: readonly DifferentialVector[];
}

/** The record on a state of its two leaves alone, which has the same outcome. */
function trimmed({ scene, ...rest }: DifferentialCase): DifferentialCase {
  const { from, to } = rest.operation.fields;
  const accounts = [...scene.state.accounts()].filter(([index]) => index === from || index === to);
  return { ...rest, scene: { ...scene, state: new RollupState(scene.crypto.hasher, accounts) } };
}

/** The first record of each kind and outcome, by kind. */
export function createVectors(crypto: Crypto): DifferentialVector[] {
  const first = new Map<string, DifferentialVector>();
  for (let number = 0; number < WORLDS; number += 1) {
    const world = new ReachableRollup(createRandom(`${SEED}/${number}`), crypto);
    for (let count = 0; count < WORLD_RECORDS; count += 1) {
      const candidate = createCase(world);
      const { code, effects, isReachable } = judge(candidate);
      const name = `${Math.min(candidate.operation.fields.kind, 8)} ${code}`;
      if (isReachable && !first.has(name)) first.set(name, encodeVector(judge(trimmed(candidate))));
      if (candidate.scene.state === world.state && effects !== undefined) world.apply(effects);
    }
  }
  return [...first].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, vector]) => vector);
}

/** Writes the generated file. */
export function writeVectors(vectors: readonly DifferentialVector[]): void {
  const file: VectorFile = { generator: GENERATOR, vectors };
  writeFileSync(GENERATED, `${JSON.stringify(file, null, 1)}\n`);
}

/** All files of vectors of records, by name. */
export function readVectorFiles(): [name: string, file: VectorFile][] {
  return globSync('differential*.json', { cwd: FOLDER })
    .sort()
    .map((name) => [name, JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as VectorFile]);
}
