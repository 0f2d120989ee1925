/** Assertions about the accounts of the lies, built slot by slot with or without a lie. */

import {
  type AssertedSubmission,
  type AssertionVerdict,
  type Fault,
  type ProvableFault,
  replayAssertion,
} from '@quittance/derivation';
import { domainOf, genesisHeader, type RollupState } from '@quittance/protocol';
import { type BuiltAssertion, buildAssertion, readAs, type Tip } from '../optimistic/asserted-batch.ts';
import type { ChunkScript } from '../optimistic/claimed-chunk.ts';
import { chunkOf } from '../optimistic/lie-chunks.ts';
import { createLieState, HOLDERS } from '../optimistic/lie-scene.ts';
import { collectOf, type SlotScript, transferOf } from '../optimistic/slot-scripts.ts';
import { portableCrypto, TEST_DEPLOYMENT } from '../rollup/world.ts';

export const SLOTS = 4;
export const DEPLOYMENT = { domain: domainOf(TEST_DEPLOYMENT), slotsPerChunk: SLOTS };
const TIME = 1_800_000_000;
const { bob, old } = HOLDERS;

/** The state of the lies as if it were a final batch's. */
export function createTip(): Tip {
  const state = createLieState();
  return { state, header: { ...genesisHeader(state.root, TIME), number: 6 } };
}

/** An honest transfer with a fee. */
export const pay: SlotScript = transferOf(bob, old.index, 10n, { fee: 2n });
/** The fees of the chunk. */
export const collect: SlotScript = collectOf(bob.index);

/** A chunk that is right. */
export const HONEST: ChunkScript = chunkOf(pay, pay, collect);

const SHAPE = { deployment: TEST_DEPLOYMENT, slotsPerChunk: SLOTS };

export function build(...chunks: ChunkScript[]): BuiltAssertion {
  return buildAssertion(SHAPE, createTip(), { time: TIME, chunks });
}

/** The same with its records in blobs. */
export function buildInBlobs(...chunks: ChunkScript[]): BuiltAssertion {
  return buildAssertion(SHAPE, createTip(), { time: TIME, chunks, form: 'evaluations' });
}

/** The data of an assertion, with parts of it changed. */
export function submissionOf(built: BuiltAssertion, changes: Partial<AssertedSubmission> = {}): AssertedSubmission {
  const { parent: _, ...submission } = readAs(built);
  return { ...submission, ...changes };
}

export function replay(state: RollupState, built: BuiltAssertion, changes?: Partial<AssertedSubmission>) {
  return replayAssertion(portableCrypto, state, built.parent, submissionOf(built, changes), DEPLOYMENT);
}

/** The faults of a verdict; none when it is right. */
export function faultsOf(verdict: AssertionVerdict): readonly Fault[] {
  return verdict.isRight ? [] : verdict.faults;
}

/** Where a fault is and what it is called. */
export const placeOf = ({ chunk, slot, result }: Fault | ProvableFault) => ({ chunk, slot, result });
