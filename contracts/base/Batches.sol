// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRollup} from "../interfaces/IRollup.sol";
import {BatchReader} from "../libraries/BatchReader.sol";
import {CanonicalCalldata} from "../libraries/CanonicalCalldata.sol";
import {PlainAccount} from "../libraries/PlainAccount.sol";
import {PriorityQueue} from "../libraries/PriorityQueue.sol";
import {Batch, BatchData, Proof, StoredHeader} from "../types/RollupTypes.sol";
import {BatchRules} from "./BatchRules.sol";

/// @title Batches
/// @notice `submitBatch`: a batch with proofs is final at once. What all batches obey stands in BatchReader.
abstract contract Batches is BatchRules {
    using PriorityQueue for PriorityQueue.Queue;

    /// @inheritdoc IRollup
    uint40 public immutable override livenessTimeout;

    constructor(uint40 liveness) {
        livenessTimeout = liveness;
    }

    /// @inheritdoc IRollup
    function submitBatch(
        StoredHeader calldata parent,
        Batch calldata batch,
        BatchData calldata data,
        Proof[] calldata proofs
    ) external override {
        Tip memory tip = _finalTip();
        if (tip.exodusActive) revert ExodusActive();
        PlainAccount.requireCaller();
        if (!isProducer(msg.sender) && !_isProducingOpen(tip.priorityCount)) revert NotProducer(msg.sender);
        _requireTip(tip.number, parent);
        CanonicalCalldata.checkProofs();
        StoredHeader memory header =
            BatchReader.prove(_priorityQueue(), _settings(), parent, batch, data, proofs);
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
