// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IBatchVerifier} from "../interfaces/IBatchVerifier.sol";
import {FIELD_MODULUS} from "../libraries/Constants.sol";
import {DataContract} from "../libraries/DataContract.sol";
import {LocalChains} from "../libraries/LocalChains.sol";
import {VerifyingKeys} from "../libraries/VerifyingKeys.sol";
import {Proof} from "../types/RollupTypes.sol";
import {VerifyingKey} from "../types/VerifyingKey.sol";

/// @title Groth16 over BN254, K proofs of one circuit in one pairing check of K + 3 pairs
/// @notice With coefficients ρ_k that sum to 1:
/// Π e(ρ_k·A_k, B_k) · e(alpha, −beta) · e(Σρ_k·L_k, −gamma) · e(Σρ_k·C_k, −delta) = 1, L_k = IC_0 + Σ x_ki·IC_i
/// (Groth 2016, section 3.2, with the small exponents test of Bellare, Garay and Rabin).
/// @dev All but the last ρ_k are a hash mod r of the key, all proofs and all inputs together, so that nothing can be
/// chosen after a coefficient is known; the last is 1 − Σ of the others. Sound: with ε_k the error of proof k in the
/// exponent, the product is Σρ_k·ε_k = ε_K + Σ_{k<K} ρ_k·(ε_k − ε_K). If the ε_k are all equal it is their value,
/// otherwise it is 0 with probability 1/r only. One proof has ρ = 1: the plain equation.
contract Groth16BatchVerifier is IBatchVerifier {
    /// @dev Public inputs of a chunk (docs/protocol.md, Chunk).
    uint256 private constant INPUT_COUNT = 9;
    /// @dev Bytes of a row of inputs: nine words.
    uint256 private constant ROW_BYTES = 288;
    /// @dev Bytes of a proof: eight words.
    uint256 private constant PROOF_BYTES = 256;

    // The encoded key: alpha, −beta, −gamma, −delta, IC_0 … IC_9.
    uint256 private constant GAMMA_OFFSET = 192;
    uint256 private constant DELTA_OFFSET = 320;
    uint256 private constant IC_OFFSET = 448;
    /// @dev 448 + 64·10.
    uint256 private constant KEY_BYTES = 1088;

    /// @dev Bytes of one pair of points in the input of the pairing.
    uint256 private constant PAIR_BYTES = 192;
    /// @inheritdoc IBatchVerifier
    bytes32 public immutable override keyHash;
    /// @inheritdoc IBatchVerifier
    bool public immutable override isDevelopmentKey;
    /// @dev Contract whose code is a STOP byte and the encoded key.
    address private immutable KEY_STORE;

    /// @param key The verifying key. Refused when it is malformed or proves nothing.
    /// @param developmentKey Whether its secrets are known. Refused on any chain but the local ones.
    constructor(VerifyingKey memory key, bool developmentKey) {
        if (developmentKey && !LocalChains.isLocal()) revert DevelopmentKeyRefused(block.chainid);
        VerifyingKeys.requireSound(key, INPUT_COUNT);
        keyHash = VerifyingKeys.hash(key);
        isDevelopmentKey = developmentKey;
        KEY_STORE = DataContract.write(VerifyingKeys.encodeForPairing(key));
        emit VerifyingKeySet(VerifyingKeys.hash(key), developmentKey);
    }

    /// @inheritdoc IBatchVerifier
    function verify(uint256[9][] calldata inputs, Proof[] calldata proofs)
        external
        view
        override
        returns (bytes4 accepted)
    {
        uint256 count = proofs.length;
        if (count == 0 || inputs.length != count) revert WrongProofCount(inputs.length, count);
        uint256 coefficients = _drawCoefficients(inputs, proofs);
        (uint256 scalars, bool inField) = _combineInputs(inputs, coefficients);
        if (!inField) _refuseInput(inputs);
        if (!_checkPairing(proofs, coefficients, scalars)) revert InvalidProof();
        return IBatchVerifier.verify.selector;
    }

    /// @dev ρ_k = keccak(seed, k) mod r with seed = keccak(key hash, all inputs, all proofs), and the last is 1 − Σρ_k.
    /// @return coefficients Memory position of the ρ_k, one word each.
    function _drawCoefficients(uint256[9][] calldata inputs, Proof[] calldata proofs)
        private
        view
        returns (uint256 coefficients)
    {
        bytes32 key = keyHash;
        assembly ("memory-safe") {
            // Scratch beyond the free pointer. The lists are as long as each other, so the hash is over words whose
            // number tells where the proofs begin.
            coefficients := mload(0x40)
            let inputBytes := mul(proofs.length, ROW_BYTES)
            let proofBytes := mul(proofs.length, PROOF_BYTES)
            mstore(coefficients, key)
            calldatacopy(add(coefficients, 0x20), inputs.offset, inputBytes)
            calldatacopy(add(add(coefficients, 0x20), inputBytes), proofs.offset, proofBytes)
            mstore(0x00, keccak256(coefficients, add(0x20, add(inputBytes, proofBytes))))

            // Allocates the words of the coefficients; 0x00 to 0x3f is scratch space.
            let pointer := coefficients
            let last := add(coefficients, mul(sub(proofs.length, 1), 0x20))
            mstore(0x40, add(last, 0x20))
            let rest := 1
            for { let k := 0 } lt(pointer, last) { k := add(k, 1) } {
                mstore(0x20, k)
                let coefficient := mod(keccak256(0x00, 0x40), FIELD_MODULUS)
                mstore(pointer, coefficient)
                // coefficient < r
                rest := addmod(rest, sub(FIELD_MODULUS, coefficient), FIELD_MODULUS)
                pointer := add(pointer, 0x20)
            }
            mstore(last, rest)
        }
    }

    /// @dev Σρ_k·x_ki for each input i, mod r, and whether all inputs are below r.
    /// @return scalars Memory position of these nine words: the scalars of IC_1 … IC_9.
    /// @return inField An input ≥ r would be another number to L1 than to the proof (the precompile reduces it).
    function _combineInputs(uint256[9][] calldata inputs, uint256 coefficients)
        private
        pure
        returns (uint256 scalars, bool inField)
    {
        assembly ("memory-safe") {
            // The sum at `sums + offset` grows by coefficient·input.
            function addInput(sums, row, offset, coefficient) -> valid {
                let input := calldataload(add(row, offset))
                valid := lt(input, FIELD_MODULUS)
                let sum := add(sums, offset)
                mstore(sum, addmod(mload(sum), mulmod(coefficient, input, FIELD_MODULUS), FIELD_MODULUS))
            }

            // Allocates nine words and sets them to 0.
            scalars := mload(0x40)
            mstore(0x40, add(scalars, ROW_BYTES))
            calldatacopy(scalars, calldatasize(), ROW_BYTES)
            inField := 1
            let row := inputs.offset
            for { let k := 0 } lt(k, inputs.length) { k := add(k, 1) } {
                let coefficient := mload(add(coefficients, mul(k, 0x20)))
                inField := and(inField, addInput(scalars, row, 0x00, coefficient))
                inField := and(inField, addInput(scalars, row, 0x20, coefficient))
                inField := and(inField, addInput(scalars, row, 0x40, coefficient))
                inField := and(inField, addInput(scalars, row, 0x60, coefficient))
                inField := and(inField, addInput(scalars, row, 0x80, coefficient))
                inField := and(inField, addInput(scalars, row, 0xa0, coefficient))
                inField := and(inField, addInput(scalars, row, 0xc0, coefficient))
                inField := and(inField, addInput(scalars, row, 0xe0, coefficient))
                inField := and(inField, addInput(scalars, row, 0x100, coefficient))
                row := add(row, ROW_BYTES)
            }
        }
    }

    /// @dev Says which input is not below r; there is one.
    function _refuseInput(uint256[9][] calldata inputs) private pure {
        for (uint256 k = 0; k < inputs.length; ++k) {
            for (uint256 i = 0; i < INPUT_COUNT; ++i) {
                if (inputs[k][i] >= FIELD_MODULUS) revert InputNotInField(k, i, inputs[k][i]);
            }
        }
        assert(false);
    }

    /// @dev Lays out the K + 3 pairs and asks the pairing. A proof's points are checked by the precompiles.
    function _checkPairing(Proof[] calldata proofs, uint256 coefficients, uint256 scalars)
        private
        view
        returns (bool valid)
    {
        address store = KEY_STORE;
        assembly ("memory-safe") {
            /// to ← scalar·point; 0x00 to 0x5f would not hold the three words, so `work` does.
            function multiply(work, to, scalar) -> success {
                mstore(add(work, 0x40), scalar)
                success := staticcall(gas(), 7, work, 0x60, to, 0x40)
            }

            /// The sum at `sum` grows by scalar·point, where the point stands at `work`.
            function multiplyAdd(work, sum, scalar) -> success {
                mstore(add(work, 0x40), scalar)
                // The product lands behind the sum: two points in a row are the input of the addition.
                success := staticcall(gas(), 7, work, 0x60, add(sum, 0x40), 0x40)
                success := and(success, staticcall(gas(), 6, sum, 0x80, sum, 0x40))
            }

            // Beyond the free pointer and never allocated: the function returns a flag only.
            let key := mload(0x40)
            let work := add(key, KEY_BYTES)
            let sumC := add(work, 0x60)
            let sumL := add(sumC, 0x80)
            let pairs := add(sumL, 0x80)
            extcodecopy(store, key, 1, KEY_BYTES)
            // The sum starts at infinity; memory beyond the free pointer need not be 0.
            calldatacopy(sumC, calldatasize(), 0x40)
            valid := 1

            let pair := pairs
            let proof := proofs.offset
            for { let k := 0 } lt(k, proofs.length) { k := add(k, 1) } {
                let coefficient := mload(add(coefficients, mul(k, 0x20)))
                calldatacopy(work, proof, 0x40)
                valid := and(valid, multiply(work, pair, coefficient))
                calldatacopy(add(pair, 0x40), add(proof, 0x40), 0x80)
                calldatacopy(work, add(proof, 0xc0), 0x40)
                valid := and(valid, multiplyAdd(work, sumC, coefficient))
                proof := add(proof, PROOF_BYTES)
                pair := add(pair, PAIR_BYTES)
            }

            // e(alpha, −beta): the coefficients sum to 1. The key starts with these 192 bytes in this order.
            mcopy(pair, key, PAIR_BYTES)
            pair := add(pair, PAIR_BYTES)

            // e(Σρ_k·L_k, −gamma), where the sum starts with IC_0
            mcopy(sumL, add(key, IC_OFFSET), 0x40)
            for { let i := 0 } lt(i, INPUT_COUNT) { i := add(i, 1) } {
                mcopy(work, add(add(key, add(IC_OFFSET, 0x40)), mul(i, 0x40)), 0x40)
                valid := and(valid, multiplyAdd(work, sumL, mload(add(scalars, mul(i, 0x20)))))
            }
            mcopy(pair, sumL, 0x40)
            mcopy(add(pair, 0x40), add(key, GAMMA_OFFSET), 0x80)
            pair := add(pair, PAIR_BYTES)

            // e(Σρ_k·C_k, −delta)
            mcopy(pair, sumC, 0x40)
            mcopy(add(pair, 0x40), add(key, DELTA_OFFSET), 0x80)
            pair := add(pair, PAIR_BYTES)

            // The result goes to scratch space; 0 or 1 when the call succeeds with all of its 32 bytes.
            valid := and(valid, staticcall(gas(), 8, pairs, sub(pair, pairs), 0x00, 0x20))
            valid := and(valid, and(eq(returndatasize(), 0x20), eq(mload(0x00), 1)))
        }
    }
}
