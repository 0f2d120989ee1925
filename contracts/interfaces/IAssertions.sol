// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IStepVerifier} from "../step/IStepVerifier.sol";
import {StepResult} from "../step/StepTypes.sol";
import {Assertion, AssertionContent, AssertionData, ChunkDisputes, Dispute, StepProof} from "../types/AssertionTypes.sol";
import {Batch, BatchData, Proof, StoredHeader} from "../types/RollupTypes.sol";
import {IRollup} from "./IRollup.sol";

/// @title Batches that wait, and disputes about them
/// @notice docs/protocol.md, Optimistic mode. Holds the bonds and no other money. What a batch itself breaks is refused
/// with the errors of IRollup, as by its `submitBatch`.
interface IAssertions {
    // ---------------------------------------------------------------- errors

    /// @notice The id was never given.
    error UnknownAssertion(uint64 assertionId);
    /// @notice The assertion has another header: after a reorg the id stands for another batch.
    error WrongAssertion(uint64 assertionId, bytes32 expected, bytes32 actual);
    /// @notice The assertion is final, rejected or removed.
    error AssertionNotPending(uint64 assertionId);
    /// @notice As many batches with a bond wait as may.
    error TooManyPending(uint256 maximum);
    /// @notice Waiting batches would create more accounts than deposits leave leaves free.
    error TooManyNewAccounts(uint256 maximum, uint256 actual);
    /// @notice Only the rollup tells of proofs.
    error NotRollup(address caller);
    /// @notice A proven batch belongs on a waiting parent here; on the last final one it goes to the rollup itself.
    error ParentIsFinal(bytes32 parentHash);
    /// @notice A chunk or the batch has more data than a dispute could carry.
    error TooMuchData(uint256 maximum, uint256 actual);
    /// @notice The bond must come along exactly.
    error WrongBond(uint256 expected, uint256 actual);
    /// @notice The content does not hash to what was asserted.
    error WrongContent(bytes32 expected, bytes32 actual);
    /// @notice The assertion has fewer chunks.
    error ChunkOutOfRange(uint256 chunkCount, uint256 chunk);
    /// @notice The chunk has fewer slots.
    error SlotOutOfRange(uint256 slotsPerChunk, uint256 slot);
    /// @notice A proven chunk is right.
    error ChunkProven(uint64 assertionId, uint256 chunk);
    /// @notice The time for this is over.
    error TooLate(uint256 deadline, uint256 time);
    /// @notice It is too early for this.
    error TooEarly(uint256 deadline, uint256 time);
    /// @notice Nobody disputes this chunk.
    error ChunkNotDisputed(uint64 assertionId, uint256 chunk);
    /// @notice Only the asserter answers.
    error NotAsserter(address expected, address actual);
    /// @notice A chunk is answered once.
    error AlreadyAnswered(uint64 assertionId, uint256 chunk);
    /// @notice The asserter has not answered yet.
    error NotAnswered(uint64 assertionId, uint256 chunk);
    /// @notice The commitments are not those of the answer.
    error WrongAnswer(bytes32 expected, bytes32 actual);
    /// @notice The data is not that of the chunk; of form 2 there is none.
    error WrongChunkData(bytes32 expected, bytes32 actual);
    /// @notice A list of entry hashes is not that of the chunk.
    error WrongVisibleList(bytes32 expected, bytes32 actual);
    /// @notice The entry is not that of the record: it has the hash of another, or there is none for it.
    error WrongVisibleEntry(bytes32 expected, bytes32 actual);
    /// @notice The openings have another length than the elements of the record need; of form 0 there are none.
    error WrongOpeningsLength(uint256 expected, uint256 actual);
    /// @notice An element of a blob has another value, or this opening does not show it.
    error WrongElement(bytes32 versionedHash, uint256 element, uint256 value);
    /// @notice A batch in evaluation blobs has no public inputs that a proof could be of.
    error NotProvable(uint64 assertionId);
    /// @notice The authorizations are not those of the chunk.
    error WrongAuthorizations(bytes32 expected, bytes32 actual);
    /// @notice The state before the record is not the one that was committed to.
    error WrongStateBefore(bytes32 expected, bytes32 actual);
    /// @notice Nobody committed to this step in an earlier block.
    error StepNotCommitted(bytes32 commitment);
    /// @notice The commitment was made already.
    error AlreadyCommitted(bytes32 commitment);
    /// @notice The record is right.
    error NoFraud(uint64 assertionId, uint256 chunk, uint256 slot);
    /// @notice The dispute is unknown, or its bond was dealt with.
    error DisputeNotOpen(uint64 disputeId);
    /// @notice The dispute still runs.
    error DisputeRuns(uint64 disputeId);
    /// @notice The bond was released, or the assertion was rejected.
    error NoBond(uint64 assertionId);
    /// @notice The assertion still waits.
    error AssertionPending(uint64 assertionId);
    /// @notice There is nothing to collect.
    error NoCredit(address account);
    /// @notice The receiver did not take the ETH.
    error PaymentFailed(address receiver, uint256 amount);

    // ---------------------------------------------------------------- events

    /// @notice A batch waits.
    /// @param isProven All its chunks came with proofs, and there is no bond.
    event BatchAsserted(
        uint64 indexed assertionId,
        uint64 indexed number,
        bytes32 indexed headerHash,
        address asserter,
        bool isProven,
        StoredHeader header
    );
    /// @notice Chunks of a waiting batch were proven.
    event ChunksProven(uint64 indexed assertionId, uint256 firstChunk, uint256 count);
    /// @notice A dispute was opened.
    event DisputeOpened(
        uint64 indexed disputeId, uint64 indexed assertionId, uint256 chunk, address indexed disputer
    );
    /// @notice The asserter named the states between the records of a chunk.
    event ChunkAnswered(uint64 indexed assertionId, uint256 chunk, bytes32[] commitments);
    /// @notice Someone will prove a step.
    event StepCommitted(bytes32 indexed commitment, address indexed sender);
    /// @notice A step was wrong. `AssertionRejected` follows.
    event StepProven(uint64 indexed assertionId, uint256 chunk, uint256 slot, StepResult result);
    /// @notice An assertion lost its bond, and it and all that followed were removed.
    /// @param winner Who gets half of the bond.
    /// @param unanswered True when no answer came, false when a step was wrong.
    event AssertionRejected(
        uint64 indexed assertionId, uint64 indexed number, address indexed winner, bool unanswered
    );
    /// @notice A dispute ended.
    /// @param isLost Half of the bond went to the asserter and half was burned; otherwise it went back.
    event DisputeSettled(uint64 indexed disputeId, bool isLost);
    /// @notice An assertion's bond went back to its asserter.
    event BondReleased(uint64 indexed assertionId);
    /// @notice A proof made another batch final than the one that waited there, and all that waited was removed.
    event BatchesOvertaken(uint64 indexed number, address indexed producer);
    /// @notice An assertion's bond was burned: its own asserter overtook it by a proof.
    event BondForfeited(uint64 indexed assertionId);
    /// @notice Bonds or rewards were paid out.
    event CreditCollected(address indexed account, address indexed receiver, uint256 amount);

    // ---------------------------------------------------------------- producers

    /// @notice Asserts a batch, with the bond. Caller: who may produce, a plain account.
    /// @param parent Header of the last waiting batch, or of the last final one when none waits.
    /// @param batch What the batch claims.
    /// @param data Its data: in calldata (form 0) when it has chunks, otherwise in the transaction's blobs (form 2).
    /// @return assertionId Its id, from 1.
    function assertBatch(
        StoredHeader calldata parent,
        Batch calldata batch,
        AssertionData calldata data
    ) external payable returns (uint64 assertionId);

    /// @notice Adds a proven batch on a waiting parent; it waits for its parent only. Caller: as above, without a bond.
    /// @param proofs One proof a chunk, in order.
    /// @return assertionId Its id, from 1.
    function submitBatch(
        StoredHeader calldata parent,
        Batch calldata batch,
        BatchData calldata data,
        Proof[] calldata proofs
    ) external returns (uint64 assertionId);

    // ---------------------------------------------------------------- anyone

    /// @notice Proves chunks of a waiting batch.
    /// @param firstChunk Chunk of the first proof; the others follow.
    function submitProofs(
        uint64 assertionId,
        AssertionContent calldata content,
        uint256 firstChunk,
        Proof[] calldata proofs
    ) external;

    /// @notice Makes the first waiting batches final, in order; all or none of those given.
    function finalizeBatches(StoredHeader[] calldata headers) external;

    /// @notice Disputes a chunk, with the bond.
    /// @param headerHash Of the assertion that is meant.
    function openDispute(uint64 assertionId, bytes32 headerHash, uint256 chunk)
        external
        payable
        returns (uint64 disputeId);

    /// @notice The asserter's one answer for a disputed chunk.
    /// @param commitments After each slot but the last: M − 1 of them.
    function answerDispute(
        uint64 assertionId,
        bytes32 headerHash,
        uint256 chunk,
        bytes32[] calldata commitments
    ) external;

    /// @notice Announces a step proof: keccak(abi(address prover, bytes32 salt, uint64 id, uint256 chunk, uint256 slot,
    /// bytes32 outcome)) with outcome = keccak(abi(uint8 result, uint256 stateRoot, uint256[4] fees, uint256 visibleCount)).
    function commitStep(bytes32 commitment) external;

    /// @notice Proves that a record is wrong, and rejects the assertion. The caller committed to it in an earlier block.
    function proveStep(StepProof calldata proof) external;

    /// @notice Rejects an assertion whose asserter did not answer in time.
    function rejectUnanswered(uint64 assertionId, uint256 chunk) external;

    /// @notice Ends a dispute.
    function settleDispute(uint64 disputeId) external;

    /// @notice Gives the bond of a final or removed assertion back to its asserter; burns it when that asserter's own proof
    /// overtook it, or a batch that it stands on.
    function releaseBond(uint64 assertionId) external;

    /// @notice Notes who made a batch final by a proof. Caller: the rollup, right after it.
    /// @param number The batch that became final.
    function noteProof(uint64 number, address producer) external;

    /// @notice Pays out what the caller can collect.
    /// @param receiver Who gets the ETH; 0 for the caller.
    function collectCredit(address receiver) external;

    // ---------------------------------------------------------------- views

    /// @notice The rollup that this belongs to.
    function rollup() external view returns (IRollup);
    /// @notice Executes disputed records.
    function stepVerifier() external view returns (IStepVerifier);
    /// @notice Last final and last waiting batch (the same when none waits).
    function pendingRange() external view returns (uint64 finalNumber, uint64 lastNumber);
    /// @notice Id of the waiting batch of this number, 0 if none waits there.
    function pendingId(uint64 number) external view returns (uint64 assertionId);
    /// @notice Whether an assertion still waits.
    function isPending(uint64 assertionId) external view returns (bool);
    /// @notice Whether the first waiting batch can be made final now.
    function isFinalizable() external view returns (bool);
    /// @notice An assertion; reverts for unknown ids.
    function assertion(uint64 assertionId) external view returns (Assertion memory);
    /// @notice The disputes of a chunk.
    function chunkDisputes(uint64 assertionId, uint256 chunk) external view returns (ChunkDisputes memory);
    /// @notice A dispute; zeros for unknown ids.
    function dispute(uint64 disputeId) external view returns (Dispute memory);
    /// @notice Ids given so far.
    function counts() external view returns (uint64 assertionCount, uint64 disputeCount);
    /// @notice Block in which a step was committed to, 0 if it was not.
    function stepCommittedAt(bytes32 commitment) external view returns (uint256 blockNumber);
    /// @notice What an account can collect, in wei.
    function creditOf(address account) external view returns (uint256);
    /// @notice C, in seconds.
    function challengePeriod() external view returns (uint40);
    /// @notice A, in seconds.
    function answerWindow() external view returns (uint40);
    /// @notice S, in seconds.
    function stepWindow() external view returns (uint40);
    /// @notice B, in wei.
    function assertionBond() external view returns (uint128);
    /// @notice D, in wei.
    function disputeBond() external view returns (uint128);
    /// @notice Most batches with a bond that wait.
    function maxPending() external view returns (uint16);
}
