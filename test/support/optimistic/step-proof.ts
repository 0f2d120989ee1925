/** Step proofs from an asserted batch, and the commitment that comes before each. */

import { type Bytes32, keccakText, stepProofCommitment } from '@quittance/protocol';
import { type EvmWitness, evmWitness } from '../step/step.ts';
import type { BuiltAssertion } from './asserted-batch.ts';
import type { ClaimedSlot } from './claimed-chunk.ts';

/** The argument of `proveStep` as the contract takes it; tests forge parts of it. */
export interface EvmStepProof {
  readonly assertionId: bigint;
  readonly chunk: number;
  readonly slot: number;
  readonly salt: Bytes32;
  readonly content: BuiltAssertion['content'];
  readonly data: Uint8Array;
  readonly authorizations: Uint8Array;
  readonly commitments: readonly Bytes32[];
  readonly before: ClaimedSlot['before'];
  readonly witness: EvmWitness;
}

/** Where a step stands. */
export interface StepPlace {
  readonly assertionId: bigint;
  readonly chunk: number;
  readonly slot: number;
}

/** The step's proof; whether it shows fraud is L1's to say. */
export function createStepProof(built: BuiltAssertion, place: StepPlace): EvmStepProof {
  const claim = built.claims[place.chunk]!;
  const { before, witness } = claim.slots[place.slot]!;
  return {
    ...place,
    salt: keccakText(`salt of ${place.assertionId}/${place.chunk}/${place.slot}`),
    content: built.content,
    data: claim.data,
    authorizations: claim.authorizations,
    commitments: claim.answer,
    before,
    witness: evmWitness(witness),
  };
}

/** What `prover` must have sent to `commitStep` before. */
export function commitmentTo(built: BuiltAssertion, proof: EvmStepProof, prover: string): Bytes32 {
  const { truth: outcome } = built.claims[proof.chunk]!.slots[proof.slot]!;
  const { salt, assertionId, chunk, slot } = proof;
  return stepProofCommitment({ prover, salt, assertionId, chunk, slot, outcome });
}

/** The first place where the batch lies, if it does. */
export function findLie({ claims }: BuiltAssertion): Pick<StepPlace, 'chunk' | 'slot'> | undefined {
  for (const [chunk, { slots }] of claims.entries()) {
    const slot = slots.findIndex(({ isFraud }) => isFraud);
    if (slot >= 0) return { chunk, slot };
  }
  return undefined;
}
