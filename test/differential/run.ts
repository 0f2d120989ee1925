/**
 * Runs records of a seed through TypeScript and the naive model and, in two of three lanes, through the circuit or through
 * Solidity. The worlds of a seed are numbered, so that every lane begins with the same records.
 */

import { type Crypto, createPortableVerifier, RecordKind, type SignatureVerifier } from '@quittance/protocol';
import { isNativeAvailable, nativeHasher, nativeSignatureVerifier } from '../../native/index.ts';
import { fastOracle } from '../support/crypto/naive-curve.ts';
import { loadOracle } from '../support/crypto/oracle.ts';
import { createRandom } from '../support/property/random.ts';
import { portableCrypto } from '../support/rollup/world.ts';
import { SlotCalculators } from './calculators.ts';
import { createCase, type DifferentialCase } from './cases.ts';
import { CircuitComparison, type CircuitCounts } from './circuit.ts';
import { type Place, withPlace } from './place.ts';
import { ReachableRollup } from './reachable.ts';
import { type JudgedCase, judge, RulesComparison } from './rules.ts';
import { SolidityComparison } from './solidity.ts';

export type Lane = 'rules' | 'circuit' | 'solidity';

/** Records of one world. */
export const WORLD_RECORDS = 100;

export interface LaneJob {
  readonly lane: Lane;
  readonly seed: string;
  readonly firstWorld: number;
  /** How many records; the last world may be cut short. */
  readonly records: number;
}

export interface LaneReport {
  readonly lane: Lane;
  /** Through TypeScript and the model. */
  readonly records: number;
  /** Through the circuit or Solidity: some have no signature that L1 could read. */
  readonly asked: number;
  /** By kind and outcome, as `transfer/EXPIRED`. */
  readonly kinds: Readonly<Record<string, number>>;
  /** Records on hand-made states that no chain of valid records leads to. */
  readonly madeUp: number;
  readonly circuit?: CircuitCounts;
}

/** @throws Error when the two say different things. */
function agreeing(native: SignatureVerifier, portable: SignatureVerifier): SignatureVerifier {
  return {
    verify(check) {
      const verdict = portable.verify(check);
      if (native.verify(check) !== verdict) throw new Error(`the native verifier does not say ${verdict}`);
      return verdict;
    },
  };
}

/** TypeScript's cryptography: native hashes, and signatures by both verifiers, where there is an addon. */
export function differentialCrypto(): Crypto {
  if (!isNativeAvailable()) return portableCrypto;
  const verifier = agreeing(nativeSignatureVerifier, createPortableVerifier(nativeHasher));
  return { hasher: nativeHasher, verifier };
}

const KIND_NAMES = new Map(Object.entries(RecordKind).map(([name, kind]) => [kind as number, name]));
const kindOf = ({ operation, code }: JudgedCase) => `${KIND_NAMES.get(operation.fields.kind) ?? 'reserved'}/${code}`;

/** The record of a place, on the state that it is executed in. */
export function caseAt({ seed, world: number, position }: Place, crypto = differentialCrypto()): DifferentialCase {
  const world = new ReachableRollup(createRandom(`${seed}/${number}`), crypto);
  for (let index = 0; index < position; index += 1) {
    const { scene, effects } = judge(createCase(world));
    if (scene.state === world.state && effects !== undefined) world.apply(effects);
  }
  return createCase(world);
}

/** Runs a job. @throws DisagreementError at the first record on which two say different things. */
export async function runLane(
  { lane, seed, firstWorld, records }: LaneJob,
  crypto = differentialCrypto(),
): Promise<LaneReport> {
  const oracle = fastOracle(await loadOracle());
  const circuit =
    lane === 'circuit' ? new CircuitComparison(await SlotCalculators.open(), `${seed}/${firstWorld}`) : undefined;
  const solidity = lane === 'solidity' ? await SolidityComparison.open() : undefined;
  const kinds: Record<string, number> = {};
  let [done, madeUp] = [0, 0];

  const compareNext = async (world: ReachableRollup, rules: RulesComparison, place: Place): Promise<void> => {
    const judged = judge(createCase(world));
    await solidity?.compare(judged);
    await circuit?.compare(judged, place);
    rules.compare(judged);
    const kind = kindOf(judged);
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    if (!judged.isReachable) madeUp += 1;
    done += 1;
  };
  for (let number = firstWorld; done < records; number += 1) {
    const world = new ReachableRollup(createRandom(`${seed}/${number}`), crypto);
    const rules = new RulesComparison(oracle, world);
    const count = Math.min(WORLD_RECORDS, records - done);
    for (let position = 0; position < count; position += 1) {
      const place = { seed, world: number, position };
      await withPlace(place, () => compareNext(world, rules, place));
    }
    withPlace({ seed, world: number, position: count - 1 }, () => rules.finish());
  }
  await circuit?.finish();
  const asked = circuit?.counts.records ?? solidity?.count ?? 0;
  return { lane, records: done, asked, kinds, madeUp, ...(circuit ? { circuit: circuit.counts } : {}) };
}
