/**
 * Random records on random states, valid and broken in zero to three places: for comparing implementations of the rules.
 * Each starts from a case of step-cases.ts, which stands at the edge of a rule.
 */

import {
  type Account,
  type Crypto,
  decodeRecord,
  encodeRecord,
  FEE_TOKEN_FILLER,
  FIELD_MODULUS,
  RECORD_BITS,
  RollupState,
  SUBGROUP_ORDER,
} from '@quittance/protocol';
import type { Random } from '../property/random.ts';
import { BATCH_TIME, CONTEXT, createState, EMPTY_INDEX, INDEX, NO_FEES, ownerAndToken } from '../rollup/scene.ts';
import { portableCrypto } from '../rollup/world.ts';
import { STEP_CASES } from './cases.ts';
import { recordOf, type StepRecord, type StepScene } from './step.ts';

/** One record and where it is executed. */
export interface RandomStep {
  readonly title: string;
  readonly scene: StepScene;
  readonly record: StepRecord;
}

type Mutation = (step: RandomStep, random: Random) => RandomStep;
type RecordMutation = (record: StepRecord, random: Random) => StepRecord;

const UNCHANGED = createState();
const INDICES = [...Object.values(INDEX), EMPTY_INDEX, 0, 4 ** 12];
const EDGE_WORDS = [
  0n,
  1n,
  ownerAndToken('alice'),
  ownerAndToken('bob'),
  2n ** 128n - 1n,
  2n ** 128n,
  2n ** 160n,
  2n ** 192n,
  FIELD_MODULUS - 1n,
  FIELD_MODULUS,
  2n ** 256n - 1n,
];

const withScene = (step: RandomStep, change: Partial<StepScene>): RandomStep => ({
  ...step,
  scene: { ...step.scene, ...change },
});

const EDGES: Readonly<Record<keyof Account, (random: Random) => bigint | number>> = {
  keyY: (random) => random.pick([0n, 1n, FIELD_MODULUS - 1n, random.fieldElement()]),
  owner: (random) => random.pick([0n, 2n ** 160n - 1n, random.bits(160)]),
  tokenId: (random) => random.pick([0, 1, 9, 2 ** 32 - 1]),
  nonce: (random) => random.pick([0, 5, 6, 2 ** 32 - 2, 2 ** 32 - 1]),
  balance: (random) => random.pick([0n, 99n, 100n, 101n, 2n ** 128n - 101n, 2n ** 128n - 1n, random.bits(128)]),
};

const flipRecordBit: RecordMutation = (record, random) => ({
  ...record,
  fields: decodeRecord(encodeRecord(record.fields) ^ (1n << BigInt(random.below(RECORD_BITS)))),
});

const changeIndex: RecordMutation = (record, random) => ({
  ...record,
  fields: { ...record.fields, [random.pick(['from', 'to'])]: random.pick(INDICES) },
});

const changeWord: RecordMutation = (record, random) => {
  const { words } = record;
  if (words.length === 0) return { ...record, words: [random.pick(EDGE_WORDS)] };
  return { ...record, words: words.with(random.below(words.length), random.pick(EDGE_WORDS)) };
};

const flipAuthorizationBit: RecordMutation = (record, random) => {
  const { authorization } = record;
  if (authorization.length === 0) return record;
  const bit = random.below(8 * authorization.length);
  return { ...record, authorization: authorization.with(bit >> 3, authorization[bit >> 3]! ^ (1 << (bit & 7))) };
};

/** R8 or S replaced by a number at the edge of its range. */
const changeAuthorization: RecordMutation = (record, random) => {
  const { authorization } = record;
  if (authorization.length === 0) return record;
  const value = random.pick([0n, 1n, FIELD_MODULUS - 1n, FIELD_MODULUS, SUBGROUP_ORDER, random.bits(255)]);
  const packed = value | (random.chance(0.5) ? 1n << 255n : 0n);
  const changed = authorization.slice();
  changed.set(Buffer.from(packed.toString(16).padStart(64, '0'), 'hex'), random.pick([5, 37]));
  return { ...record, authorization: changed };
};

const dropAuthorization: RecordMutation = (record) => ({ ...record, authorization: new Uint8Array() });

const RECORD_MUTATIONS: Readonly<Record<string, RecordMutation>> = {
  flipRecordBit,
  changeIndex,
  changeWord,
  flipAuthorizationBit,
  changeAuthorization,
  dropAuthorization,
};

const changeContext: Mutation = (step, random) => {
  const context = random.pick([
    { domain: random.fieldElement() },
    { batchTime: random.pick([0, BATCH_TIME - 1, BATCH_TIME + 1, 2 ** 40 - 1]) },
    { feeTokens: random.pick([[1n, 9n], [0n, 9n], [], [0n, 1n, 2n, 2n ** 32n - 1n]]) },
  ] as { domain?: bigint; batchTime?: number; feeTokens?: bigint[] }[]);
  const feeTokens = context.feeTokens ?? step.scene.context.feeTokens;
  const filled = [...feeTokens, ...Array<bigint>(4).fill(FEE_TOKEN_FILLER)].slice(0, 4);
  return withScene(step, { context: { ...step.scene.context, ...context, feeTokens: filled } });
};

const changeVisibleCount: Mutation = (step, random) => withScene(step, { visibleCount: random.pick([1, 15, 1_003]) });

const changeFees: Mutation = (step, random) =>
  withScene(step, { fees: step.scene.fees.map(() => (random.chance(0.5) ? random.bits(100) : 0n)) });

const changeAccount: Mutation = (step, random) => {
  const accounts = new Map(step.scene.state.accounts());
  const index = random.pick([...accounts.keys()]);
  const field = random.pick(Object.keys(EDGES) as (keyof Account)[]);
  if (random.chance(0.1)) accounts.delete(index);
  else accounts.set(index, { ...accounts.get(index)!, [field]: EDGES[field](random) });
  if (accounts.size === 0) return step;
  return withScene(step, { state: new RollupState(step.scene.crypto.hasher, accounts) });
};

const SCENE_MUTATIONS: Readonly<Record<string, Mutation>> = {
  changeContext,
  changeFees,
  changeVisibleCount,
  changeAccount,
};

/** A record changed in one place. */
export function mutateRecord(record: StepRecord, random: Random): { title: string; record: StepRecord } {
  const title = random.pick(Object.keys(RECORD_MUTATIONS));
  return { title, record: RECORD_MUTATIONS[title]!(record, random) };
}

/** One mutation of the record or of its scene. */
function mutate(step: RandomStep, random: Random): RandomStep {
  const names = [...Object.keys(RECORD_MUTATIONS), ...Object.keys(SCENE_MUTATIONS)];
  const name = random.pick(names);
  const title = `${step.title}, ${name}`;
  const mutateScene = SCENE_MUTATIONS[name];
  if (mutateScene !== undefined) return { ...mutateScene(step, random), title };
  return { ...step, title, record: RECORD_MUTATIONS[name]!(step.record, random) };
}

/** The states of the cases, once for each hasher: those of other crypto are made when they are first asked for. */
const STATES = new WeakMap<Crypto, Map<RollupState, RollupState>>();

function stateFor(crypto: Crypto, state: RollupState): RollupState {
  if (crypto === portableCrypto) return state;
  const known = STATES.get(crypto) ?? new Map<RollupState, RollupState>();
  STATES.set(crypto, known);
  const made = known.get(state) ?? new RollupState(crypto.hasher, state.accounts());
  known.set(state, made);
  return made;
}

/** The next record. */
export function createRandomStep(random: Random, crypto: Crypto = portableCrypto): RandomStep {
  const { title, operation, circumstances } = random.pick(STEP_CASES);
  const { state = UNCHANGED, context = CONTEXT, fees = NO_FEES } = circumstances;
  const scene = { crypto, state: stateFor(crypto, state), context, fees };
  let step: RandomStep = { title, scene, record: recordOf(operation) };
  for (let count = random.below(4); count > 0; count -= 1) step = mutate(step, random);
  return step;
}
