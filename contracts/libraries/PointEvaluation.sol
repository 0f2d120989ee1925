// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

// The names are used in assembly, which the linter does not see.
// solhint-disable-next-line no-unused-import
import {BLOB_ELEMENTS, BLOB_FIELD_MODULUS} from "./Constants.sol";

/// @title The precompile that opens blobs
/// @notice EIP-4844, Point evaluation precompile: input versioned hash ‖ z ‖ y ‖ commitment ‖ proof. A blob's elements are its
/// polynomial's values at the 4096th roots of unity.
library PointEvaluation {
    /// @dev A point of G1 of BLS12-381, compressed: a commitment or a proof.
    uint256 internal constant POINT_BYTES = 48;
    /// @dev First byte of a versioned hash.
    uint256 private constant VERSION_SHIFT = 248;
    /// @dev 7^((q − 1)/4096) mod q, of order BLOB_ELEMENTS = 2^12.
    uint256 private constant ROOT_OF_UNITY =
        39033254847818212395286706435128746857159659164139250548781411570340225835782;
    uint256 private constant ROOT_BITS = 12;

    /// @notice Whether the polynomial with this commitment has the value y at z. Anything but the precompile's own answer
    /// is a no.
    /// @param versionedHash Of the blob; the precompile compares it with the commitment.
    /// @param z < q, or the answer is no.
    /// @param y < q, or the answer is no.
    /// @param commitment 48 bytes.
    /// @param proof 48 bytes.
    function isValue(bytes32 versionedHash, uint256 z, uint256 y, bytes memory commitment, bytes memory proof)
        internal
        view
        returns (bool valid)
    {
        if (commitment.length != POINT_BYTES || proof.length != POINT_BYTES) return false;
        bytes memory input = abi.encodePacked(versionedHash, z, y, commitment, proof);
        assembly ("memory-safe") {
            // The two words of the answer go to scratch space. A failure takes all gas of the call: 1/64 is left.
            valid := staticcall(gas(), 0x0a, add(input, 0x20), mload(input), 0x00, 0x40)
            valid := and(valid, eq(returndatasize(), 0x40))
            valid := and(valid, and(eq(mload(0x00), BLOB_ELEMENTS), eq(mload(0x20), BLOB_FIELD_MODULUS)))
        }
    }

    /// @notice For a deployment: whether the precompile knows that the polynomial 0 is 0 at 0.
    function isAvailable() internal view returns (bool) {
        bytes memory infinity = new bytes(POINT_BYTES);
        infinity[0] = 0xc0;
        uint256 version = 1 << VERSION_SHIFT;
        bytes32 versionedHash = bytes32(version | (uint256(sha256(infinity)) & (version - 1)));
        return isValue(versionedHash, 0, 0, infinity, infinity);
    }

    /// @notice Where the polynomial has the blob's element i as its value: ω^brp(i), the exponent with the twelve bits of i
    /// reversed.
    /// Twin: packages/protocol/blob/transform.ts elementPoint.
    /// @param element i < 4096.
    function rootAt(uint256 element) internal pure returns (uint256 root) {
        root = 1;
        uint256 power = ROOT_OF_UNITY;
        // The highest bit of i is the lowest of the exponent.
        for (uint256 bit = ROOT_BITS; bit > 0; --bit) {
            if ((element >> (bit - 1)) & 1 == 1) root = mulmod(root, power, BLOB_FIELD_MODULUS);
            power = mulmod(power, power, BLOB_FIELD_MODULUS);
        }
    }
}
