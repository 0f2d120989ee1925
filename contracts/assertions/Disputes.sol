// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IAssertions} from "../interfaces/IAssertions.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {MIN_ANSWER_WINDOW, MIN_CHALLENGE_PERIOD, MIN_STEP_WINDOW} from "../libraries/Constants.sol";
import {LocalChains} from "../libraries/LocalChains.sol";
import {Assertion, ChunkDisputes, Dispute} from "../types/AssertionTypes.sol";
import {AssertedBatches} from "./AssertedBatches.sol";

/// @title Disputes
/// @notice Any number per chunk at the same time; the asserter answers once for all of them. A dispute ends by what became
/// of its chunk or assertion, and is settled on its own, by anyone, at any time after.
abstract contract Disputes is AssertedBatches {
    /// @dev Assertion keeps a bit for each chunk.
    uint256 private constant MAX_DISPUTABLE_CHUNKS = 64;

    /// @inheritdoc IAssertions
    uint40 public immutable override challengePeriod;
    /// @inheritdoc IAssertions
    uint40 public immutable override answerWindow;
    /// @inheritdoc IAssertions
    uint40 public immutable override stepWindow;

    /// @dev M, the rollup's.
    uint256 internal immutable SLOTS_PER_CHUNK;

    uint64 private _disputeCount;
    mapping(uint64 disputeId => Dispute) private _disputes;
    mapping(uint64 assertionId => mapping(uint256 chunk => ChunkDisputes)) private _chunks;

    constructor(
        uint40 challengeSeconds,
        uint40 answerSeconds,
        uint40 stepSeconds,
        uint256 slotsPerChunk,
        uint256 maxChunks
    ) {
        SLOTS_PER_CHUNK = slotsPerChunk;
        _requireWindow("challengePeriod", MIN_CHALLENGE_PERIOD, challengeSeconds);
        _requireWindow("answerWindow", MIN_ANSWER_WINDOW, answerSeconds);
        _requireWindow("stepWindow", MIN_STEP_WINDOW, stepSeconds);
        if (maxChunks > MAX_DISPUTABLE_CHUNKS) revert IRollup.InvalidParameter("maxChunks", maxChunks);
        challengePeriod = challengeSeconds;
        answerWindow = answerSeconds;
        stepWindow = stepSeconds;
    }

    /// @inheritdoc IAssertions
    function openDispute(uint64 assertionId, bytes32 headerHash, uint256 chunk)
        external
        payable
        override
        returns (uint64 disputeId)
    {
        _requireBond(disputeBond);
        Assertion storage asserted = _pendingAssertion(assertionId, headerHash);
        if (chunk >= asserted.chunkCount) revert ChunkOutOfRange(asserted.chunkCount, chunk);
        _requireUnproven(assertionId, asserted, chunk);
        _requireUntil(uint256(asserted.assertedAt) + challengePeriod);

        disputeId = ++_disputeCount;
        uint40 time = uint40(block.timestamp);
        ChunkDisputes storage disputes = _chunks[assertionId][chunk];
        if (disputes.firstDisputeId == 0) {
            disputes.firstDisputeId = disputeId;
            disputes.firstDisputeAt = time;
            asserted.disputedChunks |= uint64(1 << chunk);
        }
        disputes.lastDisputeAt = time;
        // chunk < 64
        _disputes[disputeId] = Dispute(assertionId, uint8(chunk), msg.sender, time, false);
        emit DisputeOpened(disputeId, assertionId, chunk, msg.sender);
    }

    /// @inheritdoc IAssertions
    function answerDispute(uint64 assertionId, bytes32 headerHash, uint256 chunk, bytes32[] calldata commitments)
        external
        override
    {
        Assertion storage asserted = _pendingAssertion(assertionId, headerHash);
        if (msg.sender != asserted.asserter) revert NotAsserter(asserted.asserter, msg.sender);
        ChunkDisputes storage disputes = _requireUnanswered(assertionId, asserted, chunk);
        _requireUntil(uint256(disputes.firstDisputeAt) + answerWindow);
        _requireLength("commitments", SLOTS_PER_CHUNK - 1, commitments.length);

        disputes.answerHash = _answerHash(commitments);
        disputes.answeredAt = uint40(block.timestamp);
        emit ChunkAnswered(assertionId, chunk, commitments);
    }

    /// @inheritdoc IAssertions
    /// @dev Twin: packages/protocol/batch/clocks.ts answerDueBy.
    function rejectUnanswered(uint64 assertionId, uint256 chunk) external override {
        Assertion storage asserted = _pendingAssertion(assertionId);
        ChunkDisputes storage disputes = _requireUnanswered(assertionId, asserted, chunk);
        _requireAfter(uint256(disputes.firstDisputeAt) + answerWindow);
        _reject(assertionId, asserted, _disputes[disputes.firstDisputeId].disputer, true);
    }

    /// @inheritdoc IAssertions
    function settleDispute(uint64 disputeId) external override {
        Dispute storage opened = _disputes[disputeId];
        if (opened.openedAt == 0 || opened.isSettled) revert DisputeNotOpen(disputeId);
        uint64 assertionId = opened.assertionId;
        Assertion storage asserted = _assertion(assertionId);
        bool waits = isPending(assertionId);
        bool isProven = _isChunkProven(asserted, opened.chunk);
        // A final batch whose bond `finalizeBatches` did not release became so by a proof of all its chunks. A rejected one
        // neither waits nor is ever released.
        bool isLost = !isProven && _isUnrefuted(opened)
            && (waits || (asserted.isReleased && _isFinal(assertionId, asserted)));
        if (waits && !isProven && !isLost) revert DisputeRuns(disputeId);

        opened.isSettled = true;
        emit DisputeSettled(disputeId, isLost);
        if (isLost) _forfeit(disputeBond, asserted.asserter);
        else _return(opened.disputer, disputeBond);
    }

    /// @inheritdoc IAssertions
    function chunkDisputes(uint64 assertionId, uint256 chunk) external view override returns (ChunkDisputes memory) {
        return _chunks[assertionId][chunk];
    }

    /// @inheritdoc IAssertions
    function dispute(uint64 disputeId) external view override returns (Dispute memory) {
        return _disputes[disputeId];
    }

    /// @inheritdoc IAssertions
    function counts() external view override returns (uint64, uint64) {
        return (_assertionCount(), _disputeCount);
    }

    /// @dev The disputes of a chunk.
    function _disputesOf(uint64 assertionId, uint256 chunk) internal view returns (ChunkDisputes storage) {
        return _chunks[assertionId][chunk];
    }

    /// @dev keccak(abi(bytes32[])).
    function _answerHash(bytes32[] calldata commitments) internal pure returns (bytes32) {
        return keccak256(abi.encode(commitments));
    }

    /// @dev A proven chunk is right: nothing about it is disputed any more. chunk may be any number.
    function _requireUnproven(uint64 assertionId, Assertion storage asserted, uint256 chunk) internal view {
        if (_isChunkProven(asserted, chunk)) revert ChunkProven(assertionId, chunk);
    }

    /// @dev The bond is lost, and the assertion and all that follow are removed.
    function _reject(uint64 assertionId, Assertion storage asserted, address winner, bool unanswered) internal {
        asserted.isRejected = true;
        _cut(asserted.number);
        emit AssertionRejected(assertionId, asserted.number, winner, unanswered);
        _forfeit(assertionBond, winner);
    }

    /// @dev Now is after this time.
    function _requireAfter(uint256 deadline) internal view {
        if (block.timestamp <= deadline) revert TooEarly(deadline, block.timestamp);
    }

    /// @dev Now is this time at the latest.
    function _requireUntil(uint256 deadline) private view {
        if (block.timestamp > deadline) revert TooLate(deadline, block.timestamp);
    }

    /// @dev The chunk is disputed, and neither proven nor answered.
    function _requireUnanswered(uint64 assertionId, Assertion storage asserted, uint256 chunk)
        private
        view
        returns (ChunkDisputes storage disputes)
    {
        disputes = _chunks[assertionId][chunk];
        if (disputes.firstDisputeId == 0) revert ChunkNotDisputed(assertionId, chunk);
        _requireUnproven(assertionId, asserted, chunk);
        if (disputes.answeredAt != 0) revert AlreadyAnswered(assertionId, chunk);
    }

    /// @dev A window in which the transactions that it is for do not fit decides against whoever needs it.
    function _requireWindow(string memory name, uint256 least, uint256 given) private view {
        if (given < (LocalChains.isLocal() ? 1 : least)) revert IRollup.InvalidParameter(name, given);
    }

    /// @dev Whether the chunk was answered, and nobody has proven a step for S since the later of answer and dispute.
    /// Twin: packages/protocol/batch/clocks.ts stepDueBy.
    function _isUnrefuted(Dispute storage opened) private view returns (bool) {
        uint256 answeredAt = _chunks[opened.assertionId][opened.chunk].answeredAt;
        uint256 since = answeredAt > opened.openedAt ? answeredAt : opened.openedAt;
        return answeredAt != 0 && block.timestamp > since + stepWindow;
    }
}
