/**
 * Random records on random states, valid and broken in zero to three places: for comparing implementations of the rules.
 * Each starts from a case of step-cases.ts, which stands at the edge of a rule.
 */

import {
  type Account,
  decodeRecord,
  encodeRecord,
  FEE_TOKEN_FILLER,
  FIELD_MODULUS,
  RECORD_BITS,
  RollupState,
  SUBGROUP_ORDER,
} from '../../protocol/index.ts';
import type { Random } from './random.ts';
import { BATCH_TIME, CONTEXT, createState, EMPTY_INDEX, INDEX, NO_FEES, ownerAndToken } from './scene.ts';
import { recordOf, type StepRecord, type StepScene } from './step.ts';
import { STEP_CASES } from './step-cases.ts';
import { portableCrypto } from './world.ts';

/** One record and where it is executed. */
export interface RandomStep {
  readonly title: string;
  readonly scene: StepScene;
  readonly record: StepRecord;
}

type Mutation = (step: RandomStep, random: Random) => RandomStep;

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

const withRecord = (step: RandomStep, change: Partial<StepRecord>): RandomStep => ({
  ...step,
  record: { ...step.record, ...change },
});
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

const flipRecordBit: Mutation = (step, random) => {
  const record = encodeRecord(step.record.fields) ^ (1n << BigInt(random.below(RECORD_BITS)));
  return withRecord(step, { fields: decodeRecord(record) });
};

const changeIndex: Mutation = (step, random) =>
  withRecord(step, {
    fields: { ...step.record.fields, [random.pick(['from', 'to'])]: random.pick(INDICES) },
  });

const changeWord: Mutation = (step, random) => {
  const { words } = step.record;
  if (words.length === 0) return withRecord(step, { words: [random.pick(EDGE_WORDS)] });
  return withRecord(step, { words: words.with(random.below(words.length), random.pick(EDGE_WORDS)) });
};

const flipAuthorizationBit: Mutation = (step, random) => {
  const { authorization } = step.record;
  if (authorization.length === 0) return step;
  const bit = random.below(8 * authorization.length);
  return withRecord(step, { authorization: authorization.with(bit >> 3, authorization[bit >> 3]! ^ (1 << (bit & 7))) });
};

/** R8 or S replaced by a number at the edge of its range. */
const changeAuthorization: Mutation = (step, random) => {
  const { authorization } = step.record;
  if (authorization.length === 0) return step;
  const value = random.pick([0n, 1n, FIELD_MODULUS - 1n, FIELD_MODULUS, SUBGROUP_ORDER, random.bits(255)]);
  const packed = value | (random.chance(0.5) ? 1n << 255n : 0n);
  const changed = authorization.slice();
  changed.set(Buffer.from(packed.toString(16).padStart(64, '0'), 'hex'), random.pick([5, 37]));
  return withRecord(step, { authorization: changed });
};

const dropAuthorization: Mutation = (step) => withRecord(step, { authorization: new Uint8Array() });

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

const changeFees: Mutation = (step, random) =>
  withScene(step, { fees: step.scene.fees.map(() => (random.chance(0.5) ? random.bits(100) : 0n)) });

const changeAccount: Mutation = (step, random) => {
  const accounts = new Map(step.scene.state.accounts());
  const index = random.pick([...accounts.keys()]);
  const field = random.pick(Object.keys(EDGES) as (keyof Account)[]);
  if (random.chance(0.1)) accounts.delete(index);
  else accounts.set(index, { ...accounts.get(index)!, [field]: EDGES[field](random) });
  if (accounts.size === 0) return step;
  return withScene(step, { state: new RollupState(portableCrypto.hasher, accounts) });
};

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flipRecordBit,
  changeIndex,
  changeWord,
  flipAuthorizationBit,
  changeAuthorization,
  dropAuthorization,
  changeContext,
  changeFees,
  changeAccount,
};

/** The next record. */
export function createRandomStep(random: Random): RandomStep {
  const { title, operation, circumstances } = random.pick(STEP_CASES);
  const { state = UNCHANGED, context = CONTEXT, fees = NO_FEES } = circumstances;
  let step: RandomStep = {
    title,
    scene: { crypto: portableCrypto, state, context, fees },
    record: recordOf(operation),
  };
  for (let count = random.below(4); count > 0; count -= 1) {
    const name = random.pick(Object.keys(MUTATIONS));
    step = { ...MUTATIONS[name]!(step, random), title: `${step.title}, ${name}` };
  }
  return step;
}
