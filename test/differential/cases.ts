/** The records that all implementations are asked about: a chain on a random world, and hand-made edges with mutations. */

import {
  encodeAuthorization,
  isRollupError,
  type Operation,
  RECORD_ERROR_CODES,
  type RecordErrorCode,
} from '@quittance/protocol';
import type { Random } from '../support/property/random.ts';
import { createRandomStep, mutateRecord } from '../support/step/random-steps.ts';
import { operationOf, type StepRecord, type StepScene } from '../support/step/step.ts';
import { BREAKERS } from './breakers.ts';
import { draftAny } from './drafts.ts';
import type { ReachableRollup } from './reachable.ts';

/** One record and where it is executed. */
export interface DifferentialCase {
  readonly title: string;
  readonly scene: StepScene;
  readonly operation: Operation;
  /** As L1 reads it; undefined when no calldata can say it. */
  readonly record?: StepRecord;
}

/** Share of records that are meant to be valid; a fraction of all are mutated once more. */
const VALID_SHARE = 0.25;
const MUTATED_SHARE = 0.1;
/** Share of records that stand on hand-made scenes, some of which no chain of valid records leads to. */
const EDGE_SHARE = 0.05;

const isOnL1 = (words: readonly bigint[]) => words.every((word) => word >= 0n && word >> 256n === 0n);

/** The record of an operation, unless its signature has no encoding. */
function recordOf({ fields, words, authorization }: Operation): StepRecord | undefined {
  if (!isOnL1(words)) return undefined;
  try {
    const bytes = authorization === undefined ? new Uint8Array() : encodeAuthorization(authorization);
    return { fields, words, authorization: bytes };
  } catch (error) {
    if (isRollupError(error, 'NOT_REPRESENTABLE')) return undefined;
    throw error;
  }
}

/** A record of the world's chain. */
function createWorldCase(world: ReachableRollup): DifferentialCase {
  const { random, crypto, state, context, fees } = world;
  const scene = { crypto, state, context, fees };
  const code: RecordErrorCode | 'valid' = random.chance(VALID_SHARE) ? 'valid' : random.pick(RECORD_ERROR_CODES);
  const operation = code === 'valid' ? draftAny(world) : BREAKERS[code](world);
  const record = recordOf(operation);
  if (record === undefined) return { title: code, scene, operation };
  if (!random.chance(MUTATED_SHARE)) {
    // A wrong x of the key has no bytes: half of the time the record stays with it, and L1 is not asked.
    const said = operationOf(state, record);
    const isSaid = said.authorization?.keyX === operation.authorization?.keyX;
    return isSaid || random.chance(0.5)
      ? { title: code, scene, operation: said, record }
      : { title: code, scene, operation };
  }
  const mutated = mutateRecord(record, random);
  const title = `${code}, ${mutated.title}`;
  return { title, scene, operation: operationOf(state, mutated.record), record: mutated.record };
}

/** The next record of a world. The caller carries it out. */
export function createCase(world: ReachableRollup, random: Random = world.random): DifferentialCase {
  if (!random.chance(EDGE_SHARE)) return createWorldCase(world);
  const { title, scene, record } = createRandomStep(random, world.crypto);
  return { title, scene, operation: operationOf(scene.state, record), record };
}
