// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {BASE_FIELD_MODULUS} from "./Constants.sol";

/// @title Points of BN254
/// @notice Checks for points that are kept; points of a proof are checked by the precompiles that take them
/// (EIP-196, EIP-197: coordinates < q, on the curve, G2 in the subgroup).
library Bn254 {
    uint256 private constant EC_PAIRING = 8;

    /// @notice Whether (x, y) is a point of G1 other than infinity: coordinates < q and y² = x³ + 3.
    function isG1(uint256[2] memory point) internal pure returns (bool) {
        (uint256 x, uint256 y) = (point[0], point[1]);
        if (x >= BASE_FIELD_MODULUS || y >= BASE_FIELD_MODULUS) return false;
        uint256 cube = mulmod(mulmod(x, x, BASE_FIELD_MODULUS), x, BASE_FIELD_MODULUS);
        return mulmod(y, y, BASE_FIELD_MODULUS) == addmod(cube, 3, BASE_FIELD_MODULUS);
    }

    /// @notice Whether the point lies in G2 (infinity included): asks the pairing precompile, which refuses others.
    /// @param point xImaginary, xReal, yImaginary, yReal.
    function isG2(uint256[4] memory point) internal view returns (bool) {
        bytes memory pair = abi.encode(uint256(1), uint256(2), point);
        (bool success, bytes memory result) = address(uint160(EC_PAIRING)).staticcall(pair);
        return success && result.length == 32;
    }

    /// @notice Whether all words of a point are 0, which is how the precompiles write infinity.
    function isInfinity(uint256[2] memory point) internal pure returns (bool) {
        return (point[0] | point[1]) == 0;
    }

    /// @notice The same for G2.
    function isInfinity(uint256[4] memory point) internal pure returns (bool) {
        return (point[0] | point[1] | point[2] | point[3]) == 0;
    }

    /// @notice −P in G2. Coordinates < q.
    function negate(uint256[4] memory point) internal pure returns (uint256[4] memory) {
        return [point[0], point[1], _negate(point[2]), _negate(point[3])];
    }

    function _negate(uint256 coordinate) private pure returns (uint256) {
        return coordinate == 0 ? 0 : BASE_FIELD_MODULUS - coordinate;
    }
}
