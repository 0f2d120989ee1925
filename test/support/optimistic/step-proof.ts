/** Step proofs from an asserted batch, and the commitment that comes before each. */

import {
  type AssertionContent,
  type Bytes32,
  entriesOf,
  entryHashes,
  formNumber,
  isVisibleKind,
  keccakText,
  stepProofCommitment,
} from '@quittance/protocol';
import { type EvmWitness, evmWitness } from '../step/step.ts';
import type { BuiltAssertion } from './asserted-batch.ts';
import type { ClaimedSlot } from './claimed-chunk.ts';

/** The content of an assertion as the contract takes it. */
export type EvmContent = Omit<AssertionContent, 'form'> & { readonly form: number };

/** Its form by number. */
export const evmContent = ({ form, ...content }: AssertionContent): EvmContent => ({
  ...content,
  form: formNumber(form),
});

/** The argument of `proveStep` as the contract takes it; tests forge parts of it. */
export interface EvmStepProof {
  readonly assertionId: bigint;
  readonly chunk: number;
  readonly slot: number;
  readonly salt: Bytes32;
  readonly content: EvmContent;
  readonly data: Uint8Array;
  readonly authorizations: Uint8Array;
  readonly openings: Uint8Array;
  readonly entryHashes: readonly Bytes32[];
  readonly entry: Uint8Array;
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

const NOTHING = new Uint8Array();

/**
 * The step's proof; whether it shows fraud is L1's to say.
 *
 * @param openings of the record's elements, for a batch in blobs.
 */
export function createStepProof(built: BuiltAssertion, place: StepPlace, openings = NOTHING): EvmStepProof {
  const claim = built.claims[place.chunk]!;
  const { before, witness, operation } = claim.slots[place.slot]!;
  const isVisible = isVisibleKind(operation.fields.kind);
  return {
    ...place,
    salt: keccakText(`salt of ${place.assertionId}/${place.chunk}/${place.slot}`),
    content: evmContent(built.content),
    data: built.chunks[place.chunk] ?? NOTHING,
    authorizations: built.authorizations[place.chunk] ?? NOTHING,
    openings,
    entryHashes: entryHashes(claim.visible),
    entry: isVisible ? (entriesOf(claim.visible)[before.visibleCount] ?? NOTHING) : NOTHING,
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
