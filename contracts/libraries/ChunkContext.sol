// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IRollup} from "../interfaces/IRollup.sol";
import {CONTEXT_TIME_SHIFT, FEE_TOKEN_BITS, FEE_TOKEN_FILLER} from "./Constants.sol";

/// @title The context of a chunk
/// @notice docs/protocol.md, Chunk.
library ChunkContext {
    /// @notice Fee tokens and batch time as the circuit takes them. The tokens must be strictly ascending up to the filler,
    /// which may repeat.
    /// Twin: packages/protocol/batch/chunk.ts packContext.
    /// @param time < 2^40
    function pack(uint256 chunk, uint256 feeTokens, uint256 time) internal pure returns (uint256) {
        uint256 mask = (1 << FEE_TOKEN_BITS) - 1;
        uint256 previous = feeTokens & mask;
        bool valid = feeTokens >> CONTEXT_TIME_SHIFT == 0;
        for (uint256 shift = FEE_TOKEN_BITS; shift < CONTEXT_TIME_SHIFT; shift += FEE_TOKEN_BITS) {
            uint256 token = (feeTokens >> shift) & mask;
            valid = valid && (token > previous || (token == FEE_TOKEN_FILLER && previous == FEE_TOKEN_FILLER));
            previous = token;
        }
        // They ascend, so the last one is the greatest.
        if (!valid || previous > FEE_TOKEN_FILLER) revert IRollup.WrongFeeTokens(chunk, feeTokens);
        return feeTokens | (time << CONTEXT_TIME_SHIFT);
    }
}
