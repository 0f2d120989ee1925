// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRollup} from "../interfaces/IRollup.sol";
import {BLOB_FIELD_MODULUS, MAX_BATCH_BLOBS, RECORDS_PER_BLOB, RECORDS_PER_BLOCK} from "./Constants.sol";
import {PointEvaluation} from "./PointEvaluation.sol";

/// @title The blobs of a batch
/// @notice docs/protocol.md, Data.
library BatchBlobs {
    /// @notice Blobs of a batch in evaluation form.
    /// Twin: packages/protocol/blob/evaluations.ts evaluationBlobCount.
    /// @param records K·M.
    function evaluationBlobs(uint256 records) internal pure returns (uint256 count) {
        count = (records + RECORDS_PER_BLOB - 1) / RECORDS_PER_BLOB;
        if (count > MAX_BATCH_BLOBS) revert IRollup.TooManyBlobs(MAX_BATCH_BLOBS, count);
    }

    /// @notice The versioned hashes of the transaction's blobs. Reverts unless there are exactly so many.
    function hashes(uint256 count) internal view returns (bytes32[] memory list) {
        list = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = blobhash(i);
            if (list[i] == 0) revert IRollup.WrongBlobCount(count, i);
        }
        // One more that nobody reads could hide what it is for.
        if (blobhash(count) != 0) revert IRollup.WrongBlobCount(count, count + 1);
    }

    /// @notice Reverts unless the blob's polynomial at z is what the values of its chunks say: Σ z^(k·M/2)·y_k modulo q.
    /// @param evaluations The y_k, each < q.
    /// @param opening commitment ‖ proof, 48 bytes each.
    function requireOpening(
        bytes32 versionedHash,
        uint256 challenge,
        uint256[] calldata evaluations,
        bytes calldata opening,
        uint256 slots
    ) internal view {
        uint256 y = combine(evaluations, challenge, slots);
        bytes calldata commitment = opening[:PointEvaluation.POINT_BYTES];
        bytes calldata proof = opening[PointEvaluation.POINT_BYTES:];
        if (!PointEvaluation.isValue(versionedHash, challenge, y, commitment, proof)) {
            revert IRollup.WrongOpening(versionedHash, challenge, y);
        }
    }

    /// @notice Σ z^(k·M/2)·y_k modulo q: P(z) from the chunks' own values.
    /// Twin: packages/protocol/blob/coefficients.ts batchEvaluation.
    function combine(uint256[] calldata evaluations, uint256 challenge, uint256 slots)
        internal
        pure
        returns (uint256 y)
    {
        uint256 step = _power(challenge, slots / RECORDS_PER_BLOCK);
        for (uint256 k = evaluations.length; k > 0; --k) {
            y = addmod(mulmod(y, step, BLOB_FIELD_MODULUS), evaluations[k - 1], BLOB_FIELD_MODULUS);
        }
    }

    /// @dev base^exponent modulo q, by squaring.
    function _power(uint256 base, uint256 exponent) private pure returns (uint256 result) {
        result = 1;
        for (; exponent != 0; exponent >>= 1) {
            if (exponent & 1 == 1) result = mulmod(result, base, BLOB_FIELD_MODULUS);
            base = mulmod(base, base, BLOB_FIELD_MODULUS);
        }
    }
}
