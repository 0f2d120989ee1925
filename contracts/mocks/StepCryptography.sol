// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IPoseidon5} from "../interfaces/IPoseidon5.sol";
import {BabyJubJub} from "../step/BabyJubJub.sol";
import {StepSignature} from "../step/StepSignature.sol";

/// @title TEST DOUBLE: opens the step verifier's curve and signature to tests
/// @notice Points go in affine and come out projective (X, Y, Z), with T for the check X·Y = T·Z.
contract StepCryptography {
    /// @notice left·B8 + right·P.
    function multiplyAdd(uint256 left, uint256 x, uint256 y, uint256 right)
        external
        pure
        returns (BabyJubJub.Point memory)
    {
        return BabyJubJub.multiplyAdd(left, BabyJubJub.fromAffine(x, y), right);
    }

    /// @notice P + Q.
    function add(uint256 x1, uint256 y1, uint256 x2, uint256 y2) external pure returns (BabyJubJub.Point memory sum) {
        sum = BabyJubJub.fromAffine(x1, y1);
        BabyJubJub.add(sum, BabyJubJub.fromAffine(x2, y2));
    }

    /// @notice 2^count·P.
    function double(uint256 x, uint256 y, uint256 count) external pure returns (BabyJubJub.Point memory point) {
        point = BabyJubJub.fromAffine(x, y);
        for (uint256 done = 0; done < count; ++done) {
            BabyJubJub.double(point);
        }
    }

    /// @notice −P.
    function negate(uint256 x, uint256 y) external pure returns (BabyJubJub.Point memory) {
        return BabyJubJub.negate(BabyJubJub.fromAffine(x, y));
    }

    /// @notice Whether P is the identity.
    function isIdentity(uint256 x, uint256 y) external pure returns (bool) {
        return BabyJubJub.isIdentity(BabyJubJub.fromAffine(x, y));
    }

    /// @notice numerator / denominator = x².
    function squareOfX(uint256 y) external pure returns (uint256, uint256) {
        return BabyJubJub.squareOfX(y);
    }

    /// @notice Whether 69 bytes sign a message.
    function isValid(
        IPoseidon5 hasher,
        uint256 message,
        uint256 keyY,
        bytes calldata authorization,
        uint256 keyX,
        uint256 r8X
    ) external view returns (bool) {
        return StepSignature.isValid(hasher, message, keyY, authorization, keyX, r8X);
    }
}
