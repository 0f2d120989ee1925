// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IBatchVerifier} from "../interfaces/IBatchVerifier.sol";
import {StepState, StepWitness} from "../step/StepTypes.sol";

/// @notice What an assertion's content hash stands for: everything that its disputes and proofs need and that L1 does not
/// keep. content = keccak(abi(form, inputs, dataHashes, authorizationHashes, visibleHashes)).
/// Twin: packages/protocol/batch/assertion.ts AssertionContent.
/// @param form Where its data stands: 0 in calldata, 2 in evaluation blobs (docs/protocol.md, Data).
/// @param inputs Public inputs of each chunk, as a proof has them (docs/protocol.md, Chunk); of form 2, which nobody can
/// prove, with 0 for challenge, yLow, yHigh and sumV.
/// @param dataHashes Form 0: keccak of each chunk's data. Form 2: versioned hashes of the blobs.
/// @param authorizationHashes Form 0: keccak of each chunk's authorizations. Form 2: none.
/// @param visibleHashes Of each chunk's visible list: keccak of the hashes of its entries.
struct AssertionContent {
    uint8 form;
    uint256[9][] inputs;
    bytes32[] dataHashes;
    bytes32[] authorizationHashes;
    bytes32[] visibleHashes;
}

/// @notice The data of an asserted batch, or what of it is no blob. Untrusted until checked.
/// @param chunks Form 0: each chunk's data, M/2 blocks of 31 bytes. Form 2: none.
/// @param authorizations Form 0: 69 bytes for each signed record, one string a chunk. Form 2: none.
/// @param visible Each chunk's visible list: 112 bytes an entry.
struct AssertionData {
    bytes[] chunks;
    bytes[] authorizations;
    bytes[] visible;
}

/// @notice An asserted batch, or a proven one that waits for its parent.
/// @param headerHash keccak(abi(StoredHeader)).
/// @param contentHash Hash of its AssertionContent; 0 for a batch that came with its proofs.
/// @param asserter Who asserted it and gets the bond back.
/// @param assertedAt Unix seconds.
/// @param chunkCount Its chunks.
/// @param isRejected Fraud or no answer: the bond is gone.
/// @param isReleased The bond went back or was forfeited, or there was none.
/// @param number Batch number.
/// @param provenChunks Bit k: chunk k is proven.
/// @param disputedChunks Bit k: chunk k was disputed at least once.
/// @param bondedCount Batches with a bond in its chain, from the chain's first up to and including this one.
struct Assertion {
    bytes32 headerHash;
    bytes32 contentHash;
    address asserter;
    uint40 assertedAt;
    uint8 chunkCount;
    bool isRejected;
    bool isReleased;
    uint64 number;
    uint64 provenChunks;
    uint64 disputedChunks;
    uint64 bondedCount;
}

/// @notice The disputes of one chunk of one assertion.
/// @param answerHash keccak(abi(bytes32[] commitments)); 0 before the answer.
/// @param firstDisputeId Its opener gets the reward when no answer comes.
/// @param firstDisputeAt Unix seconds.
/// @param lastDisputeAt Unix seconds.
/// @param answeredAt Unix seconds; 0 before the answer.
struct ChunkDisputes {
    bytes32 answerHash;
    uint64 firstDisputeId;
    uint40 firstDisputeAt;
    uint40 lastDisputeAt;
    uint40 answeredAt;
}

/// @notice One dispute.
/// @param assertionId What it is about.
/// @param chunk Which chunk of it.
/// @param disputer Who paid the bond.
/// @param openedAt Unix seconds.
/// @param isSettled The bond is gone or given back.
struct Dispute {
    uint64 assertionId;
    uint8 chunk;
    address disputer;
    uint40 openedAt;
    bool isSettled;
}

/// @notice What shows that one record of an answered chunk is wrong. Untrusted.
/// @param assertionId The assertion.
/// @param chunk Its chunk.
/// @param slot Position of the record in the chunk.
/// @param salt As committed to.
/// @param content Of the assertion.
/// @param data Form 0: the chunk's data. Form 2: empty.
/// @param authorizations Form 0: the chunk's authorizations. Form 2: empty.
/// @param openings Form 2: what the record's elements are (StepRecords). Form 0: empty.
/// @param entryHashes keccak of each entry of the chunk's visible list.
/// @param entry The entry at visibleCount, 112 bytes; empty when the list ends before it or the record is not visible.
/// @param commitments The answer.
/// @param before The state before the record.
/// @param witness Leaves and coordinates (IStepVerifier).
struct StepProof {
    uint64 assertionId;
    uint8 chunk;
    uint16 slot;
    bytes32 salt;
    AssertionContent content;
    bytes data;
    bytes authorizations;
    bytes openings;
    bytes32[] entryHashes;
    bytes entry;
    bytes32[] commitments;
    StepState before;
    StepWitness witness;
}

/// @notice Everything about optimistic mode that is fixed when a rollup is deployed. Seconds and wei.
/// @param challengePeriod C: disputes can be opened this long after an assertion.
/// @param answerWindow A: the asserter answers within this time after a chunk's first dispute.
/// @param stepWindow S: a step is proven within this time after the answer, or the dispute is lost.
/// @param assertionBond B.
/// @param disputeBond D.
/// @param maxPending Most batches with a bond that wait.
struct AssertionParameters {
    uint40 challengePeriod;
    uint40 answerWindow;
    uint40 stepWindow;
    uint128 assertionBond;
    uint128 disputeBond;
    uint16 maxPending;
}

/// @notice What the assertions take over from the rollup that creates them: it cannot be asked while it is created.
/// @param verifier Verifier of the chunk proofs.
/// @param slotsPerChunk M, even.
/// @param maxChunks Most chunks of a batch.
struct AssertionSetup {
    IBatchVerifier verifier;
    uint256 slotsPerChunk;
    uint256 maxChunks;
}
