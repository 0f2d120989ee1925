// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IAssertions} from "../interfaces/IAssertions.sol";
import {IExodus} from "../interfaces/IExodus.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {DEPOSIT_RESERVE_LEAVES} from "../libraries/Constants.sol";
import {Assertion} from "../types/AssertionTypes.sol";

/// @title Which assertions wait
/// @notice Waiting batches are one chain on the last final batch. What is removed is never touched: whether an assertion
/// waits follows from the chain's ends and from the last final batch, so no call loops over batches or disputes.
abstract contract WaitingChain is IAssertions {
    /// @param count Ids given so far.
    /// @param first Number of the first batch of the chain, counted from when nothing waited before it.
    /// @param last Number of the last batch of the chain.
    struct Chain {
        uint64 count;
        uint64 first;
        uint64 last;
    }

    /// @inheritdoc IAssertions
    IRollup public immutable override rollup;
    /// @inheritdoc IAssertions
    uint16 public immutable override maxPending;

    Chain private _chain;
    mapping(uint64 id => Assertion) private _assertions;
    /// @dev The newest assertion of a number.
    mapping(uint64 number => uint64 id) private _idAt;

    /// @param slotsPerBatch Most slots of a batch: what is asserted must fit the leaves that deposits leave free, whatever
    /// its records (AssertedBatches counts the transfersToNew themselves).
    constructor(IRollup owner, uint16 maximum, uint256 slotsPerBatch) {
        if (maximum == 0 || maximum * slotsPerBatch > DEPOSIT_RESERVE_LEAVES) {
            revert IRollup.InvalidParameter("maxPending", maximum);
        }
        rollup = owner;
        maxPending = maximum;
    }

    /// @inheritdoc IAssertions
    function pendingRange() external view override returns (uint64, uint64) {
        return _pendingRange();
    }

    /// @inheritdoc IAssertions
    function pendingId(uint64 number) external view override returns (uint64) {
        (uint64 finalNumber, uint64 last) = _pendingRange();
        return finalNumber < number && number <= last ? _idAt[number] : 0;
    }

    /// @inheritdoc IAssertions
    function isPending(uint64 assertionId) public view override returns (bool) {
        uint64 number = _assertions[assertionId].number;
        (uint64 finalNumber, uint64 last) = _pendingRange();
        return finalNumber < number && number <= last && _idAt[number] == assertionId;
    }

    /// @inheritdoc IAssertions
    function assertion(uint64 assertionId) external view override returns (Assertion memory) {
        return _assertion(assertionId);
    }

    /// @dev Ids given so far.
    function _assertionCount() internal view returns (uint64) {
        return _chain.count;
    }

    /// @dev An assertion; reverts for unknown ids.
    function _assertion(uint64 assertionId) internal view returns (Assertion storage found) {
        found = _assertions[assertionId];
        if (found.headerHash == 0) revert UnknownAssertion(assertionId);
    }

    /// @dev An assertion that waits; reverts for others.
    function _pendingAssertion(uint64 assertionId) internal view returns (Assertion storage found) {
        found = _assertion(assertionId);
        if (!isPending(assertionId)) revert AssertionNotPending(assertionId);
    }

    /// @dev An assertion that waits and is the one that was meant.
    function _pendingAssertion(uint64 assertionId, bytes32 headerHash)
        internal
        view
        returns (Assertion storage found)
    {
        found = _pendingAssertion(assertionId);
        if (found.headerHash != headerHash) revert WrongAssertion(assertionId, found.headerHash, headerHash);
    }

    /// @dev The waiting assertion of a number within the pending range.
    function _idOf(uint64 number) internal view returns (uint64) {
        return _idAt[number];
    }

    /// @dev Last final and last waiting batch (the same when none waits). The chain stands as long as the rollup went along
    /// it: the last final batch is the one before its first (nothing became final since) or one of its own, by the way of
    /// this contract or by an identical batch with proofs. A header names its parent, so the batches before that one are
    /// the chain's own too.
    function _pendingRange() internal view returns (uint64 finalNumber, uint64 last) {
        (finalNumber,,) = rollup.finalState();
        Chain memory chain = _chain;
        if (chain.last <= finalNumber || IExodus(address(rollup)).isExodusActive()) return (finalNumber, finalNumber);
        bool stands = finalNumber < chain.first
            || _assertions[_idAt[finalNumber]].headerHash == rollup.headerHash(finalNumber);
        return (finalNumber, stands ? chain.last : finalNumber);
    }

    /// @dev Hash of the header on which the next waiting batch stands, for the range that `_pendingRange` gave.
    function _parentHash(uint64 finalNumber, uint64 last) internal view returns (bytes32) {
        return last == finalNumber ? rollup.headerHash(finalNumber) : _assertions[_idAt[last]].headerHash;
    }

    /// @dev Whether this assertion's batch became final, by any way, while it stood in the chain.
    function _isFinal(uint64 assertionId, Assertion storage asserted) internal view returns (bool) {
        uint64 number = asserted.number;
        return _idAt[number] == assertionId && rollup.headerHash(number) == asserted.headerHash;
    }

    /// @dev Waiting batches that came with a bond, for the range that `_pendingRange` gave.
    function _bondedCount(uint64 finalNumber, uint64 last) internal view returns (uint256) {
        if (last == finalNumber) return 0;
        // Counts only grow along the chain, and it stands: no difference is negative.
        uint64 inChain = _assertions[_idAt[last]].bondedCount;
        return finalNumber < _chain.first ? inChain : inChain - _assertions[_idAt[finalNumber]].bondedCount;
    }

    /// @dev The assertion that waited at this number until a proof made another batch final there, just now; 0 for none.
    function _overtakenId(uint64 number) internal view returns (uint64) {
        Chain memory chain = _chain;
        if (number < chain.first || number > chain.last) return 0;
        bool stood =
            number == chain.first || _assertions[_idAt[number - 1]].headerHash == rollup.headerHash(number - 1);
        uint64 waited = _idAt[number];
        return stood && _assertions[waited].headerHash != rollup.headerHash(number) ? waited : 0;
    }

    /// @dev Appends an assertion whose number is `last` + 1, and gives it its id. The caller has checked its parent.
    function _append(uint64 finalNumber, uint64 last, Assertion memory asserted) internal returns (uint64 assertionId) {
        Chain memory chain = _chain;
        assertionId = ++chain.count;
        if (last == finalNumber) chain.first = asserted.number;
        else asserted.bondedCount = _assertions[_idAt[last]].bondedCount;
        // A proven batch has no bond, which is why it counts as released from the start.
        if (!asserted.isReleased) asserted.bondedCount += 1;
        chain.last = asserted.number;
        _chain = chain;
        _idAt[asserted.number] = assertionId;
        _assertions[assertionId] = asserted;
    }

    /// @dev A removed assertion loses its number, so that the same batch, should a proof make it final later, is not taken
    /// for this one. The number has none then, or a newer one already.
    function _forget(uint64 assertionId, uint64 number) internal {
        if (_idAt[number] == assertionId) delete _idAt[number];
    }

    /// @dev Removes a waiting batch and all behind it.
    function _cut(uint64 number) internal {
        _chain.last = number - 1;
    }
}
