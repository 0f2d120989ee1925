/** TypeScript and the naive model on a chain of records: outcome, fee sums, leaves and root have to be the same. */

import assert from 'node:assert/strict';
import { applyOperation, type Effects, type RecordErrorCode } from '@quittance/protocol';
import type { Oracle } from '../support/crypto/oracle.ts';
import { modelAccountsOf, toModelInput } from '../support/rollup/model-shapes.ts';
import { ReferenceModel } from '../support/rollup/reference-model.ts';
import type { StepScene } from '../support/step/step.ts';
import type { DifferentialCase } from './cases.ts';
import { areTotalsBelowLimit, type ReachableRollup } from './reachable.ts';

/** A record with what TypeScript says of it; the state is as before it. */
export interface JudgedCase extends DifferentialCase {
  readonly code: RecordErrorCode | 'valid';
  /** Of a valid record. */
  readonly effects?: Effects;
  /** Whether its state is one that valid records lead to: hand-made edges need not be. */
  readonly isReachable: boolean;
}

/** Every so many valid records of a chain the model's root is computed anew. */
const ROOT_EVERY = 8;

/** The naive model in a scene. */
export function createModel(oracle: Oracle, { context, state, fees }: StepScene): ReferenceModel {
  const model = new ReferenceModel(oracle, context.domain, BigInt(context.batchTime), context.feeTokens);
  model.accounts = modelAccountsOf(state);
  model.fees = [...fees];
  return model;
}

const sorted = (accounts: ReferenceModel['accounts']) => [...accounts].sort((left, right) => left.index - right.index);

/** What TypeScript says of a record. */
export function judge(candidate: DifferentialCase): JudgedCase {
  const { crypto, state, context, fees } = candidate.scene;
  const outcome = applyOperation(crypto, state, candidate.operation, context, fees);
  const isReachable = areTotalsBelowLimit(state, context, fees);
  if (!outcome.valid) return { ...candidate, code: outcome.invalid.code, isReachable };
  return { ...candidate, code: 'valid', effects: outcome.effects, isReachable };
}

/** The model beside a world. */
export class RulesComparison {
  readonly #oracle: Oracle;
  readonly #world: ReachableRollup;
  /** In the state of the world. */
  #model: ReferenceModel;
  #validCount = 0;

  constructor(oracle: Oracle, world: ReachableRollup) {
    this.#oracle = oracle;
    this.#world = world;
    this.#model = createModel(oracle, world);
    assert.equal(this.#model.root(), world.state.root, 'the root of a new world');
  }

  /** Asks the model about a record, and carries a valid one of the world's chain out on both sides. */
  compare(judged: JudgedCase): void {
    const { scene, operation, code, effects } = judged;
    const isChained = scene.state === this.#world.state;
    const model = isChained ? this.#model : createModel(this.#oracle, scene);
    const before = { accounts: model.accounts, fees: [...model.fees], commitment: model.commitment };
    assert.equal(model.execute(toModelInput(operation)), code, 'the model (actual) and TypeScript (expected)');
    if (effects === undefined) {
      assert.equal(model.accounts, before.accounts, 'an invalid record changes nothing');
      assert.deepEqual(model.fees, before.fees);
      return;
    }
    assert.deepEqual(model.fees, effects.fees, 'the fee sums of the model and of TypeScript');
    if (!isChained) {
      for (const change of effects.changes) scene.state.write(change);
      this.#compareStates(model, scene);
      assert.equal(model.root(), scene.state.root, 'the roots of the model and of TypeScript');
      scene.state.undo(effects.changes);
      return;
    }
    if (!this.#world.apply(effects)) {
      // L1 would not have taken this deposit.
      Object.assign(model, before);
      return;
    }
    this.#compareStates(model, this.#world);
    this.#validCount += 1;
    if (this.#validCount % ROOT_EVERY === 0) this.finish();
  }

  /** Compares the roots. */
  finish(): void {
    assert.equal(this.#model.root(), this.#world.state.root, 'the roots of the model and of TypeScript');
  }

  #compareStates(model: ReferenceModel, { state }: Pick<StepScene, 'state'>): void {
    assert.deepEqual(sorted(model.accounts), modelAccountsOf(state), 'the accounts of the model and of TypeScript');
  }
}
