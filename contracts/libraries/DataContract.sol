// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @title Data kept as the code of a contract
/// @notice Reading it costs one cold account (2,600 gas) and 3 gas a word, where storage costs 2,100 gas a word.
library DataContract {
    /// @notice The data could not be stored (too long, or out of gas).
    error DataNotStored(uint256 length);

    /// @notice Stores the data behind a STOP byte, so that nobody can call it.
    function write(bytes memory data) internal returns (address store) {
        // PUSH2 length+1, DUP1, PUSH1 10, RETURNDATASIZE (0), CODECOPY, RETURNDATASIZE (0), RETURN: returns all that
        // stands behind these ten bytes.
        if (data.length > type(uint16).max - 1) revert DataNotStored(data.length);
        bytes memory creation =
            bytes.concat(hex"61", bytes2(uint16(data.length + 1)), hex"80600a3d393df3", hex"00", data);
        assembly ("memory-safe") {
            store := create(0, add(creation, 0x20), mload(creation))
        }
        if (store == address(0)) revert DataNotStored(data.length);
    }

    /// @notice All that was stored.
    /// @param store What `write` gave.
    function read(address store) internal view returns (bytes memory data) {
        data = new bytes(store.code.length - 1);
        assembly ("memory-safe") {
            // As many bytes as were allocated, behind the STOP byte.
            extcodecopy(store, add(data, 0x20), 1, mload(data))
        }
    }
}
