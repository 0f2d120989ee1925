/** Proofs of steps that are right, by somebody who wants them to count as fraud. */

import type { Signer } from 'ethers';
import type { DeployedOptimistic } from '../contracts/deployment.ts';
import type { AssertionsContract } from '../contracts/types.ts';
import { assertionsBy, commitTo } from '../optimistic/calls.ts';
import { createStepProof } from '../optimistic/step-proof.ts';
import type { HonestBatch } from './arena.ts';

const CUSTOM_ERROR = /custom error '(\w+)/;

/** The error of a call by its name. @throws what is no refusal. */
async function errorOf(contract: AssertionsContract, ...args: unknown[]): Promise<string | undefined> {
  try {
    await contract.proveStep.staticCall(...args);
    return undefined;
  } catch (error) {
    const name = CUSTOM_ERROR.exec((error as Error).message)?.[1];
    if (name === undefined) throw error;
    return name;
  }
}

/**
 * First, middle and last step of the first chunk, committed to and as they are; and one with another's state before it.
 *
 * @returns the contract's errors; undefined where L1 took it for fraud.
 */
export async function tryHonestSteps(
  world: DeployedOptimistic,
  { assertionId, built }: HonestBatch,
  griefer: Signer,
): Promise<readonly (string | undefined)[]> {
  const contract = assertionsBy(world, griefer);
  const last = world.parameters.slotsPerChunk - 1;
  const errors: (string | undefined)[] = [];
  for (const slot of [0, 1, last]) {
    const proof = createStepProof(built, { assertionId, chunk: 0, slot });
    await commitTo(world, built, proof, griefer);
    errors.push(await errorOf(contract, proof));
  }
  const proof = createStepProof(built, { assertionId, chunk: 0, slot: 1 });
  const elsewhere = built.claims[0]!.slots[0]!.before;
  errors.push(await errorOf(contract, { ...proof, before: elsewhere }));
  return errors;
}
