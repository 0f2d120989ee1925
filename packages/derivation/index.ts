/** Batches, state and proofs from L1 alone. */

export { type ArchiveReport, createArchive } from './archive.ts';
export type { AssertedSubmission } from './asserted-chunk.ts';
export { type AssertionVerdict, replayAssertion } from './assertion.ts';
export { type ClaimableBatches, type ClaimableOptions, readClaimableBatches } from './claimable.ts';
export { type MoveClaim, movesOf, movesTo, type WithdrawalClaim, withdrawalsOf } from './claims.ts';
export { type DisputedChunk, honestCommitments, locateFault } from './dispute.ts';
export { type BlobOpener, stepEvidence } from './evidence.ts';
export { describeRecord, type Fault, type FaultResult, type ProvableFault } from './fault.ts';
export { requireHash, requireHeader } from './final-batches.ts';
export { createFinalWindows, type FinalWindows } from './final-windows.ts';
export { type FoundMove, findMoves, type MovePlace } from './find-moves.ts';
export { groupMoves, halvesOf, type MoveGroup, toMoveProof, toMoveProofs, unpaidOf } from './move-groups.ts';
export { type NamedRecord, nameRecords } from './named-records.ts';
export { readingAhead } from './read-ahead.ts';
export { type RebuildOptions, type RebuiltRollup, rebuildRollup } from './rebuild.ts';
export { type ReplayedBatch, replayBatch } from './replay.ts';
export { emptyState, type FetchedBatch, type FinalReplay, replayNext, type StateAt } from './replay-final.ts';
export { encodeSnapshot, openSnapshot } from './snapshot.ts';
export { type ReplayCrypto, type ReplayDeployment, redoChanges, undoChanges } from './whole-batch.ts';
export { isWrongBatch } from './wrong-batch.ts';
