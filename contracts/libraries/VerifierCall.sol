// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IBatchVerifier, IProofErrors} from "../interfaces/IBatchVerifier.sol";
import {Proof} from "../types/RollupTypes.sol";

/// @title The call of `IBatchVerifier.verify`, written in place
/// @notice Same bytes as abi.encodeCall(IBatchVerifier.verify, (inputs, proofs)); the public inputs are written where
/// they are sent from, and the proofs are copied in one piece. Both lists have static items.
library VerifierCall {
    /// @dev Nine inputs, and the eight words of a proof.
    uint256 private constant ROW_BYTES = 288;
    uint256 private constant PROOF_BYTES = 256;
    /// @dev Selector, two offsets, length of the inputs.
    uint256 private constant INPUTS_OFFSET = 100;
    /// @dev From the start of the arguments to the inputs' length.
    uint256 private constant INPUTS_HEAD = 64;

    /// @notice A call with these proofs and as many rows of inputs, to be written through `row`.
    function create(Proof[] calldata proofs) internal pure returns (bytes memory request) {
        uint256 count = proofs.length;
        request = new bytes(INPUTS_OFFSET + 32 + (ROW_BYTES + PROOF_BYTES) * count);
        bytes4 selector = IBatchVerifier.verify.selector;
        assembly ("memory-safe") {
            // Writes within the allocated bytes: 4 + 2·32 + 2·32 + (288 + 256)·count of them.
            let pointer := add(request, 0x20)
            mstore(pointer, selector)
            let arguments := add(pointer, 4)
            mstore(arguments, INPUTS_HEAD)
            mstore(add(arguments, 0x20), add(add(INPUTS_HEAD, 0x20), mul(count, ROW_BYTES)))
            mstore(add(arguments, INPUTS_HEAD), count)
            let proofList := add(add(pointer, INPUTS_OFFSET), mul(count, ROW_BYTES))
            mstore(proofList, count)
            calldatacopy(add(proofList, 0x20), proofs.offset, mul(count, PROOF_BYTES))
        }
    }

    /// @notice The rows of inputs, to be written in place: a list of as many as there are proofs, each within the call.
    function rowsOf(bytes memory request, uint256 count) internal pure returns (uint256[9][] memory rows) {
        assembly ("memory-safe") {
            // A list of lists holds their positions, and a list of nine words is its position. Allocates the former.
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

    /// @notice Makes the call, hands on the reason when the verifier refuses, and takes nothing but its exact answer for a
    /// yes: an address without code and a fallback that returns nothing say no.
    function send(bytes memory request, IBatchVerifier verifier) internal view {
        uint256 size;
        bytes32 answer;
        assembly ("memory-safe") {
            // The answer goes to scratch space; a shorter one leaves what stood there, so its size is checked too.
            if iszero(staticcall(gas(), verifier, add(request, 0x20), mload(request), 0, 0x20)) {
                let reason := mload(0x40)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
            size := returndatasize()
            answer := mload(0)
        }
        if (size != 32 || answer != bytes32(IBatchVerifier.verify.selector)) {
            revert IProofErrors.WrongVerifierAnswer(address(verifier), size, answer);
        }
    }

    /// @notice For a deployment: whether this is a verifier that refuses a wrong proof, with the reason it should have.
    /// @dev The proof is made of the generators, with inputs of 0: points that the precompiles take, and right under no key
    /// but one made for it, e(G, H) = e(α, β)·e(IC_0, γ)·e(G, δ).
    function refusesWrongProof(IBatchVerifier verifier) internal view returns (bool) {
        uint256[9][] memory inputs = new uint256[9][](1);
        Proof[] memory proofs = new Proof[](1);
        proofs[0] = Proof({
            aX: 1,
            aY: 2,
            bXImaginary: 11559732032986387107991004021392285783925812861821192530917403151452391805634,
            bXReal: 10857046999023057135944570762232829481370756359578518086990519993285655852781,
            bYImaginary: 4082367875863433681332203403145435568316851327593401208105741076214120093531,
            bYReal: 8495653923123431417604973247489272438418190587263600148770280649306958101930,
            cX: 1,
            cY: 2
        });
        (bool success, bytes memory reason) =
            address(verifier).staticcall(abi.encodeCall(IBatchVerifier.verify, (inputs, proofs)));
        return !success && reason.length == 4 && bytes4(reason) == IProofErrors.InvalidProof.selector;
    }
}
