/** The step verifier on a local L1 beside TypeScript: the same outcome, and for a valid record the same state after it. */

import assert from 'node:assert/strict';
import { deployStepVerifier, executeStep, expectedResult, type StepContract } from '../support/step/step.ts';
import type { JudgedCase } from './rules.ts';

export class SolidityComparison {
  /** Records asked about. Those whose signature no 69 bytes can say are left out. */
  count = 0;
  readonly #verifier: StepContract;

  constructor(verifier: StepContract) {
    this.#verifier = verifier;
  }

  /** Deploys the verifier on a fresh L1. */
  static async open(): Promise<SolidityComparison> {
    const { verifier } = await deployStepVerifier();
    return new SolidityComparison(verifier);
  }

  /** Asks about a record before it is carried out. @throws AssertionError on a disagreement, or what L1 reverted with. */
  async compare({ scene, record, code }: JudgedCase): Promise<void> {
    if (record === undefined) return;
    this.count += 1;
    const expected = expectedResult(scene, record);
    assert.equal(expected.code, code, 'TypeScript says two things');
    assert.deepEqual(await executeStep(this.#verifier, scene, record), expected, 'Solidity (actual) and TypeScript');
  }
}
