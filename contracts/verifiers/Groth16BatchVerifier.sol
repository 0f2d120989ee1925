// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IBatchVerifier} from "../interfaces/IBatchVerifier.sol";
import {FIELD_MODULUS} from "../libraries/Constants.sol";
import {DataContract} from "../libraries/DataContract.sol";
import {VerifyingKeys} from "../libraries/VerifyingKeys.sol";
import {Proof} from "../types/RollupTypes.sol";
import {VerifyingKey} from "../types/VerifyingKey.sol";

/// @title Groth16 over BN254, K proofs of one circuit in one pairing check of K + 3 pairs
/// @notice With random ρ_k: Π e(ρ_k·A_k, B_k) · e(Σρ_k·alpha, −beta) · e(Σρ_k·L_k, −gamma) · e(Σρ_k·C_k, −delta) = 1,
/// where L_k = IC_0 + Σ x_ki·IC_i (Groth 2016, section 3.2, and the small exponents test of Bellare, Garay and Rabin).
/// @dev Every ρ_k, the first too, comes from the key, all proofs and all inputs together, so that no proof can be
/// chosen after a coefficient is known. Each ρ_k is a hash mod r: 0 with probability 2^-253.
contract Groth16BatchVerifier is IBatchVerifier {
    /// @dev Public inputs of a chunk (docs/protocol.md, Chunk).
    uint256 private constant INPUT_COUNT = 8;
    /// @dev Bytes of a row of inputs and of a proof: eight words each.
    uint256 private constant ROW_BYTES = 256;

    // The encoded key: alpha, −beta, −gamma, −delta, IC_0 … IC_8.
    uint256 private constant BETA_OFFSET = 64;
    uint256 private constant GAMMA_OFFSET = 192;
    uint256 private constant DELTA_OFFSET = 320;
    uint256 private constant IC_OFFSET = 448;
    /// @dev 448 + 64·9.
    uint256 private constant KEY_BYTES = 1024;

    /// @dev Bytes of one pair of points in the input of the pairing.
    uint256 private constant PAIR_BYTES = 192;
    /// @dev Chains on which a development key is harmless: Hardhat, anvil and geth --dev.
    uint256 private constant HARDHAT_CHAIN_ID = 31337;
    uint256 private constant DEVELOPMENT_CHAIN_ID = 1337;

    /// @inheritdoc IBatchVerifier
    bytes32 public immutable override keyHash;
    /// @inheritdoc IBatchVerifier
    bool public immutable override isDevelopmentKey;
    /// @dev Contract whose code is a STOP byte and the encoded key.
    address private immutable KEY_STORE;

    /// @param key The verifying key. Refused when it is malformed or proves nothing.
    /// @param developmentKey Whether its secrets are known. Refused on any chain but the local ones.
    constructor(VerifyingKey memory key, bool developmentKey) {
        if (developmentKey && block.chainid != HARDHAT_CHAIN_ID && block.chainid != DEVELOPMENT_CHAIN_ID) {
            revert DevelopmentKeyRefused(block.chainid);
        }
        VerifyingKeys.requireSound(key, INPUT_COUNT);
        keyHash = VerifyingKeys.hash(key);
        isDevelopmentKey = developmentKey;
        KEY_STORE = DataContract.write(VerifyingKeys.encodeForPairing(key));
        emit VerifyingKeySet(VerifyingKeys.hash(key), developmentKey);
    }

    /// @inheritdoc IBatchVerifier
    function verify(uint256[8][] calldata inputs, Proof[] calldata proofs) external view override {
        uint256 count = proofs.length;
        if (count == 0 || inputs.length != count) revert WrongProofCount(inputs.length, count);
        _requireInField(inputs);

        uint256 coefficients = _drawCoefficients(inputs, proofs);
        uint256 scalars = _combineInputs(inputs, coefficients);
        if (!_checkPairing(proofs, coefficients, scalars)) revert InvalidProof();
    }

    /// @dev Inputs ≥ r would be other numbers to L1 than to the proof (the precompile reduces them).
    function _requireInField(uint256[8][] calldata inputs) private pure {
        uint256 modulus = FIELD_MODULUS;
        bool valid;
        assembly ("memory-safe") {
            valid := 1
            let end := add(inputs.offset, mul(inputs.length, ROW_BYTES))
            for { let pointer := inputs.offset } lt(pointer, end) { pointer := add(pointer, 0x20) } {
                valid := and(valid, lt(calldataload(pointer), modulus))
            }
        }
        if (valid) return;
        for (uint256 k = 0; k < inputs.length; ++k) {
            for (uint256 i = 0; i < INPUT_COUNT; ++i) {
                if (inputs[k][i] >= modulus) revert InputNotInField(k, i, inputs[k][i]);
            }
        }
    }

    /// @dev ρ_k = keccak(seed, k) mod r with seed = keccak(key hash, all inputs, all proofs).
    /// @return coefficients Memory position of the ρ_k, one word each.
    function _drawCoefficients(uint256[8][] calldata inputs, Proof[] calldata proofs)
        private
        view
        returns (uint256 coefficients)
    {
        bytes32 key = keyHash;
        uint256 modulus = FIELD_MODULUS;
        assembly ("memory-safe") {
            // Scratch beyond the free pointer. The lists are as long as each other, so the hash is over words whose
            // number tells where the proofs begin.
            coefficients := mload(0x40)
            let bytesOfList := mul(proofs.length, ROW_BYTES)
            mstore(coefficients, key)
            calldatacopy(add(coefficients, 0x20), inputs.offset, bytesOfList)
            calldatacopy(add(add(coefficients, 0x20), bytesOfList), proofs.offset, bytesOfList)
            mstore(0x00, keccak256(coefficients, add(0x20, mul(2, bytesOfList))))

            // Allocates the words of the coefficients; 0x00 to 0x3f is scratch space.
            mstore(0x40, add(coefficients, mul(proofs.length, 0x20)))
            for { let k := 0 } lt(k, proofs.length) { k := add(k, 1) } {
                mstore(0x20, k)
                mstore(add(coefficients, mul(k, 0x20)), mod(keccak256(0x00, 0x40), modulus))
            }
        }
    }

    /// @dev Σρ_k and Σρ_k·x_ki for each input i, mod r.
    /// @return scalars Memory position of these nine words: the scalars of IC_0 … IC_8.
    function _combineInputs(uint256[8][] calldata inputs, uint256 coefficients) private pure returns (uint256 scalars) {
        uint256 modulus = FIELD_MODULUS;
        assembly ("memory-safe") {
            // Allocates nine words, all of which are written. Each sum has fewer than 2^64 terms < r, reduced as it goes.
            scalars := mload(0x40)
            mstore(0x40, add(scalars, mul(add(INPUT_COUNT, 1), 0x20)))
            let sum := 0
            for { let k := 0 } lt(k, inputs.length) { k := add(k, 1) } {
                sum := addmod(sum, mload(add(coefficients, mul(k, 0x20))), modulus)
            }
            mstore(scalars, sum)
            for { let i := 0 } lt(i, INPUT_COUNT) { i := add(i, 1) } {
                sum := 0
                let input := add(inputs.offset, mul(i, 0x20))
                for { let k := 0 } lt(k, inputs.length) { k := add(k, 1) } {
                    let product := mulmod(mload(add(coefficients, mul(k, 0x20))), calldataload(input), modulus)
                    sum := addmod(sum, product, modulus)
                    input := add(input, ROW_BYTES)
                }
                mstore(add(scalars, mul(add(i, 1), 0x20)), sum)
            }
        }
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
            // Both sums start at infinity; memory beyond the free pointer need not be 0.
            calldatacopy(sumC, calldatasize(), 0x40)
            calldatacopy(sumL, calldatasize(), 0x40)
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
                proof := add(proof, ROW_BYTES)
                pair := add(pair, PAIR_BYTES)
            }

            // e(Σρ_k·alpha, −beta)
            mcopy(work, key, 0x40)
            valid := and(valid, multiply(work, pair, mload(scalars)))
            mcopy(add(pair, 0x40), add(key, BETA_OFFSET), 0x80)
            pair := add(pair, PAIR_BYTES)

            // e(Σρ_k·L_k, −gamma)
            for { let i := 0 } lt(i, add(INPUT_COUNT, 1)) { i := add(i, 1) } {
                mcopy(work, add(add(key, IC_OFFSET), mul(i, 0x40)), 0x40)
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
