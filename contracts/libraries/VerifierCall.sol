// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IBatchVerifier} from "../interfaces/IBatchVerifier.sol";
import {Proof} from "../types/RollupTypes.sol";

/// @title The call of `IBatchVerifier.verify`, written in place
/// @notice Same bytes as abi.encodeCall(IBatchVerifier.verify, (inputs, proofs)); the public inputs are written where
/// they are sent from, and the proofs are copied in one piece. Both lists have static items of 256 bytes.
library VerifierCall {
    uint256 private constant ROW_BYTES = 256;
    /// @dev Selector, two offsets, length of the inputs.
    uint256 private constant INPUTS_OFFSET = 100;
    /// @dev From the start of the arguments to the inputs' length.
    uint256 private constant INPUTS_HEAD = 64;

    /// @notice A call with these proofs and as many rows of inputs, to be written through `row`.
    function create(Proof[] calldata proofs) internal pure returns (bytes memory request) {
        uint256 count = proofs.length;
        request = new bytes(INPUTS_OFFSET + 32 + 2 * ROW_BYTES * count);
        bytes4 selector = IBatchVerifier.verify.selector;
        assembly ("memory-safe") {
            // Writes within the allocated bytes: 4 + 2·32 + (32 + 256·count)·2 of them.
            let pointer := add(request, 0x20)
            mstore(pointer, selector)
            let arguments := add(pointer, 4)
            mstore(arguments, INPUTS_HEAD)
            mstore(add(arguments, 0x20), add(add(INPUTS_HEAD, 0x20), mul(count, ROW_BYTES)))
            mstore(add(arguments, INPUTS_HEAD), count)
            let proofList := add(add(pointer, INPUTS_OFFSET), mul(count, ROW_BYTES))
            mstore(proofList, count)
            calldatacopy(add(proofList, 0x20), proofs.offset, mul(count, ROW_BYTES))
        }
    }

    /// @notice The rows of inputs, to be written in place: a list of as many as there are proofs, each within the call.
    function rowsOf(bytes memory request, uint256 count) internal pure returns (uint256[8][] memory rows) {
        assembly ("memory-safe") {
            // A list of lists holds their positions, and a list of eight words is its position. Allocates the former.
            rows := mload(0x40)
            mstore(rows, count)
            let entry := add(rows, 0x20)
            let end := add(entry, mul(count, 0x20))
            mstore(0x40, end)
            let row := add(request, add(0x20, INPUTS_OFFSET))
            for {} lt(entry, end) { entry := add(entry, 0x20) } {
                mstore(entry, row)
                row := add(row, ROW_BYTES)
            }
        }
    }

    /// @notice Makes the call and hands on the reason when the verifier refuses. It has code (checked at deployment).
    function send(bytes memory request, IBatchVerifier verifier) internal view {
        assembly ("memory-safe") {
            if iszero(staticcall(gas(), verifier, add(request, 0x20), mload(request), 0, 0)) {
                let reason := mload(0x40)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
        }
    }
}
