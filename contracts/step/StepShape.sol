// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {
    FIELD_MODULUS,
    FROM_SHIFT,
    KIND_DEPOSIT,
    KIND_FORCED_EXIT,
    KIND_MOVE,
    KIND_NOOP,
    KIND_SHIFT,
    KIND_TRANSFER,
    KIND_TRANSFER_TO_NEW,
    KIND_WITHDRAW,
    RECORD_BITS,
    TO_SHIFT,
    TREE_CAPACITY
} from "../libraries/Constants.sol";
import {IStepVerifier} from "./IStepVerifier.sol";
import {StepResult} from "./StepTypes.sol";

/// @title Fields of a record, and the rules that need no state
/// @notice Takes a record apart, and checks all that needs no state. docs/protocol.md, Records and Rules.
library StepShape {
    /// @dev A record taken apart; `amount` and `fee` are values, not encodings.
    struct Fields {
        uint256 kind;
        uint256 from;
        uint256 to;
        uint256 amount;
        uint256 fee;
    }

    /// @dev The bits of `to`.
    uint256 internal constant TO_FIELD = uint256(type(uint32).max) << TO_SHIFT;

    uint256 private constant FROM_FIELD = uint256(type(uint32).max) << FROM_SHIFT;
    uint256 private constant AMOUNT_SHIFT = 16;
    uint256 private constant AMOUNT_AND_FEE = (1 << TO_SHIFT) - 1;
    uint256 private constant AMOUNT_MANTISSA_BITS = 35;
    uint256 private constant FEE_MANTISSA_BITS = 11;
    uint256 private constant WORD_COUNT = 3;

    /// @notice Takes a record apart. Reverts when it has more than 124 bits.
    /// Twin: packages/protocol/records/codec.ts decodeRecord.
    function decode(uint256 record) internal pure returns (Fields memory fields) {
        if (record >> RECORD_BITS != 0) revert IStepVerifier.RecordTooWide(record);
        fields.kind = record >> KIND_SHIFT;
        fields.from = uint32(record >> FROM_SHIFT);
        fields.to = uint32(record >> TO_SHIFT);
        fields.amount = _float(uint40(record >> AMOUNT_SHIFT), AMOUNT_MANTISSA_BITS);
        fields.fee = _float(uint16(record), FEE_MANTISSA_BITS);
    }

    /// @notice The first rule of RESERVED_KIND to WORD_RANGE that a record breaks, or Valid.
    /// Twin: packages/protocol/records/shape.ts shapeViolation.
    function violation(uint256 record, Fields memory fields, uint256[] calldata words)
        internal
        pure
        returns (StepResult)
    {
        uint256 kind = fields.kind;
        if (kind > KIND_MOVE) return StepResult.ReservedKind;
        if (record & _unusedFields(kind) != 0) return StepResult.NonzeroField;
        bool hasWords = isVisible(kind);
        if (words.length != (hasWords ? WORD_COUNT : 0)) return StepResult.WordCount;
        if (fields.from >= TREE_CAPACITY || fields.to >= TREE_CAPACITY) return StepResult.IndexRange;
        if (hasWords && !_areInRange(kind, words[0], words[1], words[2])) return StepResult.WordRange;
        return StepResult.Valid;
    }

    /// @notice Whether records of this kind have words, and stand in the visible list of their chunk: 2 to 5 and 7.
    function isVisible(uint256 kind) internal pure returns (bool) {
        return (kind >= KIND_TRANSFER_TO_NEW && kind <= KIND_FORCED_EXIT) || kind == KIND_MOVE;
    }

    /// @dev The bits of the fields that the table shows as –, and of amount and fee where the kind has none.
    function _unusedFields(uint256 kind) private pure returns (uint256) {
        if (kind == KIND_TRANSFER || kind == KIND_TRANSFER_TO_NEW || kind == KIND_MOVE) return 0;
        if (kind == KIND_WITHDRAW) return TO_FIELD;
        if (kind == KIND_FORCED_EXIT) return TO_FIELD | AMOUNT_AND_FEE;
        if (kind == KIND_NOOP) return FROM_FIELD | TO_FIELD | AMOUNT_AND_FEE;
        return FROM_FIELD | AMOUNT_AND_FEE; // deposit and collectFee
    }

    /// @dev WORD_RANGE for kinds 2 to 5 and 7.
    function _areInRange(uint256 kind, uint256 w0, uint256 w1, uint256 w2) private pure returns (bool) {
        if (w0 >= FIELD_MODULUS || w1 >= FIELD_MODULUS || w2 >= FIELD_MODULUS) return false;
        if (kind == KIND_TRANSFER_TO_NEW) return w1 <= type(uint160).max && w2 == 0;
        if (kind == KIND_DEPOSIT) return w1 <= type(uint192).max && w2 <= type(uint128).max;
        return kind == KIND_MOVE || w0 == 0; // a withdraw and a forced exit have no first word
    }

    /// @dev mantissa·10^exponent, the exponent in the five bits above the mantissa: below 2^35·10^31 < 2^138.
    /// Twin: packages/protocol/records/float.ts float40.
    function _float(uint256 encoded, uint256 mantissaBits) private pure returns (uint256) {
        return (encoded & ((1 << mantissaBits) - 1)) * 10 ** (encoded >> mantissaBits);
    }
}
