// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IExodus} from "../interfaces/IExodus.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {EMPTY_STATE_ROOT} from "../libraries/Constants.sol";
import {Headers} from "../libraries/Headers.sol";
import {StoredHeader} from "../types/RollupTypes.sol";

/// @title The chain of final headers
/// @notice The only writer of what is final. A batch becomes final on a final parent only (docs/protocol.md,
/// invariant 3); how it earns that is not known here.
abstract contract FinalChain is IRollup, IExodus {
    /// @param number Last final batch.
    /// @param priorityCount Priority operations executed so far.
    /// @param transferToNewCount Records of kind 2 executed so far.
    /// @param exodusActive Nothing becomes final any more.
    struct Tip {
        uint64 number;
        uint64 priorityCount;
        uint56 transferToNewCount;
        bool exodusActive;
    }

    Tip private _tip;
    mapping(uint64 number => bytes32 hash) private _headerHashes;

    /// @dev Starts with the empty state.
    constructor() {
        StoredHeader memory genesis;
        genesis.time = uint40(block.timestamp);
        genesis.stateRoot = EMPTY_STATE_ROOT;
        _storeHeader(genesis);
    }

    /// @inheritdoc IRollup
    function finalState() external view override returns (uint64, uint64, uint64) {
        return (_tip.number, _tip.priorityCount, _tip.transferToNewCount);
    }

    /// @inheritdoc IRollup
    function headerHash(uint64 number) external view override returns (bytes32) {
        return _headerHashes[number];
    }

    /// @inheritdoc IExodus
    function isExodusActive() public view override returns (bool) {
        return _tip.exodusActive;
    }

    /// @dev The last final batch and the totals up to it.
    function _finalTip() internal view returns (Tip memory) {
        return _tip;
    }

    /// @dev Reverts unless the header is that of the final batch of its number.
    function _requireFinal(StoredHeader calldata header) internal view {
        bytes32 expected = _headerHashes[header.number];
        bytes32 actual = Headers.hash(header);
        if (expected != actual) revert UnknownHeader(header.number, expected, actual);
    }

    /// @dev Reverts unless the header is the last final one.
    function _requireTip(uint64 number, StoredHeader calldata header) internal view {
        _requireTip(number, Headers.hash(header));
    }

    /// @dev The same for a hash.
    function _requireTip(uint64 number, bytes32 actual) internal view {
        bytes32 expected = _headerHashes[number];
        if (expected != actual) revert WrongParent(expected, actual);
    }

    /// @dev Makes a header final. The caller has checked that its parent is the last final one.
    function _appendFinal(StoredHeader memory header) internal {
        // transferToNewCount ≤ 4^12 (BatchRules checks it), far below 2^56.
        _tip = Tip(header.number, header.priorityCount, uint56(header.transferToNewCount), false);
        _storeHeader(header);
    }

    /// @dev Nothing becomes final any more.
    function _freeze() internal {
        _tip.exodusActive = true;
    }

    /// @dev Requests and batches end with the exodus.
    modifier beforeExodus() {
        if (_tip.exodusActive) revert ExodusActive();
        _;
    }

    function _storeHeader(StoredHeader memory header) private {
        bytes32 hash = Headers.hash(header);
        _headerHashes[header.number] = hash;
        emit BatchFinalized(header.number, hash, header);
    }
}
