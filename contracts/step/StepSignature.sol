// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IPoseidon5} from "../interfaces/IPoseidon5.sol";
import {FIELD_MODULUS} from "../libraries/Constants.sol";
import {BabyJubJub} from "./BabyJubJub.sol";
import {IStepVerifier} from "./IStepVerifier.sol";

/// @title The signature of a record of kinds 1 to 3 and 7
/// @notice An asserted batch carries it in 69 bytes, integers big-endian:
///
///   offset  bytes
///        0      5  validUntil
///        5     32  R8.y, with the sign of R8.x in bit 255
///       37     32  S, with the sign of the key's x in bit 255
///
/// A sign is 1 when x > (r − 1)/2. The bits below bit 255 are R8.y < r and S < l. Whatever else stands there is no signature:
/// R8.y ≥ r, S ≥ l (so every other spare bit is 0), a y of which the curve has no point, a sign of 1 with x = 0. One
/// signature has exactly one encoding.
library StepSignature {
    uint256 internal constant AUTHORIZATION_BYTES = 69;

    uint256 private constant SIGN_SHIFT = 255;
    uint256 private constant MAGNITUDE = (1 << SIGN_SHIFT) - 1;
    address private constant MODEXP = address(5);

    /// @notice The record's expiry in Unix seconds, 0 = never; nobody signed when `authorization` is empty.
    /// Twin: packages/protocol/step/authorization.ts unpackAuthorization.
    function validUntilOf(bytes calldata authorization) internal pure returns (uint256) {
        if (authorization.length == 0) return 0;
        if (authorization.length != AUTHORIZATION_BYTES) {
            revert IStepVerifier.WrongAuthorizationLength(authorization.length);
        }
        return uint40(bytes5(authorization[:5]));
    }

    /// @notice Whether `authorization` signs `message` under a key with this y. docs/protocol.md, Signature.
    /// Twin: packages/protocol/keys/eddsa.ts createPortableVerifier.
    /// @param hasher Poseidon of five.
    /// @param message Below r.
    /// @param keyY Below r.
    /// @param authorization Empty or 69 bytes.
    /// @param keyX Untrusted: an x of the key, if its y has one. Reverts when it does and this is not it.
    /// @param r8X Likewise for R8.
    function isValid(
        IPoseidon5 hasher,
        uint256 message,
        uint256 keyY,
        bytes calldata authorization,
        uint256 keyX,
        uint256 r8X
    ) internal view returns (bool) {
        if (authorization.length == 0) return false;
        uint256 packedR8 = uint256(bytes32(authorization[5:37]));
        uint256 packedS = uint256(bytes32(authorization[37:69]));
        uint256 r8Y = packedR8 & MAGNITUDE;
        uint256 s = packedS & MAGNITUDE;
        if (r8Y >= FIELD_MODULUS || s >= BabyJubJub.SUBGROUP_ORDER) return false;

        bool exists;
        (exists, r8X) = _signedX(r8Y, packedR8 >> SIGN_SHIFT, r8X);
        if (!exists) return false;
        (exists, keyX) = _signedX(keyY, packedS >> SIGN_SHIFT, keyX);
        if (!exists) return false;

        BabyJubJub.Point memory key = BabyJubJub.fromAffine(keyX, keyY);
        BabyJubJub.double(key);
        BabyJubJub.double(key);
        BabyJubJub.double(key);
        if (BabyJubJub.isIdentity(key)) return false;

        // 8·A has order l, so the challenge counts modulo l.
        uint256 challenge = hasher.hash([r8X, r8Y, keyX, keyY, message]) % BabyJubJub.SUBGROUP_ORDER;
        return BabyJubJub.equals(BabyJubJub.multiplyAdd(s, BabyJubJub.negate(key), challenge), r8X, r8Y);
    }

    /// @dev The x with this sign of the point with this y; false when there is none. `hint` is either x, untrusted.
    /// Twin: packages/protocol/step/authorization.ts signedX.
    function _signedX(uint256 y, uint256 sign, uint256 hint) private view returns (bool exists, uint256 x) {
        uint256 r = FIELD_MODULUS;
        (uint256 numerator, uint256 denominator) = BabyJubJub.squareOfX(y);
        if (hint >= r || mulmod(mulmod(hint, hint, r), denominator, r) != numerator) {
            // numerator·denominator is a square exactly when numerator / denominator is.
            if (!_isNonResidue(mulmod(numerator, denominator, r))) revert IStepVerifier.WrongCoordinate(y, hint);
            return (false, 0);
        }
        if (hint == 0) return (sign == 0, 0);
        bool isNegative = hint > BabyJubJub.HALF;
        return (true, isNegative == (sign == 1) ? hint : r - hint);
    }

    /// @dev Euler's criterion: value^((r − 1)/2) = −1.
    function _isNonResidue(uint256 value) private view returns (bool) {
        uint256 r = FIELD_MODULUS;
        (bool success, bytes memory power) = MODEXP.staticcall(
            abi.encode(uint256(32), uint256(32), uint256(32), value, BabyJubJub.HALF, r)
        );
        if (!success || power.length != 32) revert IStepVerifier.ExponentiationFailed();
        return uint256(bytes32(power)) == r - 1;
    }
}
