// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {BLOB_ELEMENTS, BLOB_FIELD_MODULUS} from "./Constants.sol";

/// @title Values of a blob's polynomial
/// @notice EIP-4844's point evaluation, asked for a point of its own or for an element of the blob: the polynomial's value
/// at a 4096th root of unity.
library PointEvaluation {
    /// @notice Bytes of a KZG commitment, and of a proof.
    uint256 internal constant POINT_BYTES = 48;
    /// @notice Bytes of a value, as the precompile takes it.
    uint256 internal constant VALUE_BYTES = 32;

    /// @dev EIP-4844's POINT_EVALUATION_PRECOMPILE_ADDRESS.
    address private constant PRECOMPILE = address(0x0a);
    /// @dev 7^((q − 1)/4096) mod q, of order 4096.
    uint256 private constant ROOT_OF_UNITY =
        39033254847818212395286706435128746857159659164139250548781411570340225835782;
    /// @dev BLOB_ELEMENTS = 2^12.
    uint256 private constant INDEX_BITS = 12;

    /// @notice Whether the blob with this versioned hash has the value y at z. Nothing but the exact answer is a yes: the
    /// two words (4096, q).
    /// @dev The precompile refuses z ≥ q, y ≥ q, points that are not in their group, and a commitment of another hash; it
    /// takes all gas that it gets then, so callers give up.
    /// @param opening Commitment, then proof: 96 bytes. Untrusted; of another length it is refused.
    function holds(bytes32 versionedHash, uint256 z, uint256 y, bytes memory opening) internal view returns (bool) {
        (bool success, bytes memory answer) = PRECOMPILE.staticcall(abi.encodePacked(versionedHash, z, y, opening));
        return success && answer.length == 64
            && keccak256(answer) == keccak256(abi.encode(BLOB_ELEMENTS, BLOB_FIELD_MODULUS));
    }

    /// @notice Whether the precompile is there: it knows the polynomial 0, whose commitment and proofs are the point at
    /// infinity.
    function isAvailable() internal view returns (bool) {
        bytes memory infinity = new bytes(POINT_BYTES);
        infinity[0] = 0xc0;
        bytes32 versionedHash = sha256(infinity);
        // EIP-4844: the version 0x01 in place of the first byte.
        versionedHash = (versionedHash << 8 >> 8) | bytes32(uint256(1) << 248);
        return holds(versionedHash, 0, 0, bytes.concat(infinity, infinity));
    }

    /// @notice Where the polynomial has the blob's element i as its value: ω^brp(i), with the twelve bits of i reversed.
    /// @param element i < 4096.
    function rootAt(uint256 element) internal pure returns (uint256 root) {
        root = 1;
        uint256 power = ROOT_OF_UNITY;
        // The highest bit of i is the lowest of the exponent.
        for (uint256 bit = INDEX_BITS; bit > 0; --bit) {
            if ((element >> (bit - 1)) & 1 == 1) root = mulmod(root, power, BLOB_FIELD_MODULUS);
            power = mulmod(power, power, BLOB_FIELD_MODULUS);
        }
    }
}
