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

    /// @notice The k-th row of inputs, within the call. k is less than the number of proofs.
    function row(bytes memory request, uint256 k) internal pure returns (uint256[8] memory inputs) {
        assembly ("memory-safe") {
            // A list of eight words is its position; these eight lie within the call.
            inputs := add(add(request, add(0x20, INPUTS_OFFSET)), mul(k, ROW_BYTES))
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
