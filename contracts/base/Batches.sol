// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRollup} from "../interfaces/IRollup.sol";
import {CanonicalCalldata} from "../libraries/CanonicalCalldata.sol";
import {Headers} from "../libraries/Headers.sol";
import {PlainAccount} from "../libraries/PlainAccount.sol";
import {PriorityQueue} from "../libraries/PriorityQueue.sol";
import {VerifierCall} from "../libraries/VerifierCall.sol";
import {Batch, Proof, StoredHeader} from "../types/RollupTypes.sol";
import {BatchRules} from "./BatchRules.sol";

/// @title Batches
/// @notice `submitBatch`: a batch with proofs is final at once. What all batches obey stands in BatchRules.
abstract contract Batches is BatchRules {
    using PriorityQueue for PriorityQueue.Queue;
    using VerifierCall for bytes;

    /// @inheritdoc IRollup
    uint40 public immutable override livenessTimeout;

    constructor(uint40 liveness) {
        livenessTimeout = liveness;
    }

    /// @inheritdoc IRollup
    function submitBatch(
        StoredHeader calldata parent,
        Batch calldata batch,
        bytes[] calldata chunks,
        Proof[] calldata proofs
    ) external override {
        Tip memory tip = _finalTip();
        if (tip.exodusActive) revert ExodusActive();
        PlainAccount.requireCaller();
        if (!isProducer(msg.sender) && !_isProducingOpen(tip.priorityCount)) revert NotProducer(msg.sender);
        StoredHeader memory known = parent;
        bytes32 parentHash = Headers.hash(known);
        _requireTip(tip.number, parentHash);
        _requireTimely(tip.number, parent.time, batch);
        _requireLengths(batch, chunks.length);
        if (proofs.length != chunks.length) revert WrongListLength("proofs", chunks.length, proofs.length);
        CanonicalCalldata.checkProofs(chunks.length);

        bytes memory verifierCall = VerifierCall.create(proofs);
        StoredHeader memory header = _readBatch(known, parentHash, batch, chunks, verifierCall.rowsOf(proofs.length));
        verifierCall.send(verifier);
        _finalize(tip.priorityCount, header, msg.sender);
        _afterProof(header.number, msg.sender);
    }

    /// @inheritdoc IRollup
    function isProducingOpen() external view override returns (bool) {
        return _isProducingOpen(_finalTip().priorityCount);
    }

    /// @dev Credits the fees of the executed operations, and makes the header final.
    function _finalize(uint64 executedCount, StoredHeader memory header, address producer) internal {
        uint64 newCount = header.priorityCount;
        if (newCount != executedCount) {
            PriorityQueue.Queue storage queue = _priorityQueue();
            _creditFees(producer, queue.feesOfFirst(newCount) - queue.feesOfFirst(executedCount));
            _afterExecution(newCount);
        }
        _appendFinal(header);
    }

    /// @dev A proof has made a batch final.
    function _afterProof(uint64 number, address producer) internal virtual;

    function _isProducingOpen(uint64 executedCount) private view returns (bool) {
        return _priorityQueue().isOverdueBy(executedCount, livenessTimeout);
    }
}
