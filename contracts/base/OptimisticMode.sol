// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IAssertions} from "../interfaces/IAssertions.sol";
import {IAssertionsFactory} from "../interfaces/IAssertionsFactory.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {MAX_WAIT_WITH_BLOBS} from "../libraries/Constants.sol";
import {AssertionParameters, AssertionSetup} from "../types/AssertionTypes.sol";
import {StoredHeader} from "../types/RollupTypes.sol";
import {Batches} from "./Batches.sol";

/// @title Batches that waited
/// @notice All that the rollup knows of optimistic mode: it takes a header from the assertions, on the last final one only.
/// They are created here, once, or never.
abstract contract OptimisticMode is Batches {
    /// @inheritdoc IRollup
    IAssertions public immutable override assertions;

    /// @param factory Creates the assertions; 0 for a rollup without them.
    /// @param exodusDelay Longer than an honest batch needs to become final, from the request of an operation on.
    constructor(IAssertionsFactory factory, AssertionParameters memory parameters, uint40 exodusDelay) {
        if (address(factory) == address(0)) return;
        // 40 bits each: no sum of a few overflows.
        uint256 wait = uint256(parameters.challengePeriod) + parameters.answerWindow + parameters.stepWindow;
        // Otherwise an operation in an honest batch that waits would open producing to all, or the exodus.
        if (livenessTimeout <= wait) revert InvalidParameter("livenessTimeout", livenessTimeout);
        if (exodusDelay <= priorityDelay + maxBatchAge + wait) revert InvalidParameter("exodusDelay", exodusDelay);
        // A disputed batch in blobs must be readable to the end.
        if (blobsAllowed && wait > MAX_WAIT_WITH_BLOBS) {
            revert InvalidParameter("challengePeriod", parameters.challengePeriod);
        }
        AssertionSetup memory setup = AssertionSetup(verifier, slotsPerChunk, maxChunks);
        IAssertions created = factory.create(setup, parameters);
        if (address(created).code.length == 0 || created.rollup() != IRollup(this)) {
            revert InvalidParameter("assertionsFactory", uint256(uint160(address(factory))));
        }
        assertions = created;
    }

    /// @inheritdoc IRollup
    function finalizeAsserted(StoredHeader calldata header, address producer) external override beforeExodus {
        if (msg.sender != address(assertions)) revert NotAssertions(msg.sender);
        Tip memory tip = _finalTip();
        if (header.number != tip.number + 1) revert WrongBatchNumber(tip.number + 1, header.number);
        _requireTip(tip.number, header.parentHash);
        _finalize(tip.priorityCount, header, producer);
    }

    /// @dev The assertions note who overtook what waited.
    function _afterProof(uint64 number, address producer) internal override {
        if (address(assertions) != address(0)) assertions.noteProof(number, producer);
    }

    /// @dev Whether a waiting batch could be made final now.
    function _isFinalizable() internal view returns (bool) {
        return address(assertions) != address(0) && assertions.isFinalizable();
    }
}
