// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IBatchVerifier} from "../interfaces/IBatchVerifier.sol";
import {VerifyingKey} from "../types/VerifyingKey.sol";
import {Bn254} from "./Bn254.sol";

/// @title Checks and encodings of verifying keys
library VerifyingKeys {
    using Bn254 for uint256[2];
    using Bn254 for uint256[4];

    /// @dev Numbers of the points in errors; IC[i] is FIRST_IC + i.
    uint256 private constant ALPHA = 0;
    uint256 private constant BETA = 1;
    uint256 private constant GAMMA = 2;
    uint256 private constant DELTA = 3;
    uint256 private constant FIRST_IC = 4;

    /// @notice Reverts unless the key is well formed and its proofs can prove anything.
    function requireSound(VerifyingKey memory key, uint256 inputCount) internal view {
        if (key.ic.length != inputCount + 1) revert IBatchVerifier.WrongIcCount(inputCount + 1, key.ic.length);
        _requireG1(key.alpha, ALPHA);
        _requireG2(key.beta, BETA);
        _requireG2(key.gamma, GAMMA);
        _requireG2(key.delta, DELTA);
        for (uint256 i = 0; i < key.ic.length; ++i) {
            _requireG1(key.ic[i], FIRST_IC + i);
        }
        // gamma = ±delta (a key that nobody contributed to) lets C take back any public input; points of equal x are
        // equal or opposite.
        if (key.gamma[0] == key.delta[0] && key.gamma[1] == key.delta[1]) revert IBatchVerifier.GammaEqualsDelta();
    }

    /// @notice Hash of the key's words in the order of the struct.
    /// Twin: cli/setup/key.ts verifyingKeyHash.
    function hash(VerifyingKey memory key) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(key.alpha, key.beta, key.gamma, key.delta, _ic(key)));
    }

    /// @notice The key as the pairing takes it: alpha, −beta, −gamma, −delta, IC.
    function encodeForPairing(VerifyingKey memory key) internal pure returns (bytes memory) {
        return abi.encodePacked(key.alpha, key.beta.negate(), key.gamma.negate(), key.delta.negate(), _ic(key));
    }

    function _ic(VerifyingKey memory key) private pure returns (bytes memory words) {
        for (uint256 i = 0; i < key.ic.length; ++i) {
            words = abi.encodePacked(words, key.ic[i]);
        }
    }

    function _requireG1(uint256[2] memory point, uint256 number) private pure {
        if (point.isInfinity()) revert IBatchVerifier.KeyPointAtInfinity(number);
        if (!point.isG1()) revert IBatchVerifier.InvalidKeyPoint(number);
    }

    function _requireG2(uint256[4] memory point, uint256 number) private view {
        if (point.isInfinity()) revert IBatchVerifier.KeyPointAtInfinity(number);
        if (!point.isG2()) revert IBatchVerifier.InvalidKeyPoint(number);
    }
}
