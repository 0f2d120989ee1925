// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {Withdrawals} from "../libraries/Withdrawals.sol";
import {StoredHeader, WithdrawalProof} from "../types/RollupTypes.sol";
import {OptimisticMode} from "./OptimisticMode.sol";

/// @title Claims of withdrawals
/// @notice Open to anyone at any time, in the exodus too: the money goes to the owner that the record names. A
/// receiver that refuses ETH fails its own call only.
abstract contract Claims is OptimisticMode {
    using BitMaps for BitMaps.BitMap;

    /// @dev Where the token stands in the second word of a record: behind the owner.
    uint256 private constant TOKEN_SHIFT = 160;

    mapping(uint64 number => BitMaps.BitMap claimed) private _claimed;

    /// @inheritdoc IRollup
    function claimWithdrawals(StoredHeader calldata header, WithdrawalProof[] calldata withdrawals)
        external
        override
        nonReentrant
    {
        _requireFinal(header);
        uint256 depth = Withdrawals.depth(header.withdrawalCount);
        for (uint256 i = 0; i < withdrawals.length; ++i) {
            _claim(header, depth, withdrawals[i]);
        }
    }

    /// @inheritdoc IRollup
    function collectFees() external override nonReentrant {
        _sendEther(msg.sender, _takeFees());
    }

    /// @inheritdoc IRollup
    function isClaimed(uint64 number, uint32 index) external view override returns (bool) {
        return _claimed[number].get(index);
    }

    function _claim(StoredHeader calldata header, uint256 depth, WithdrawalProof calldata withdrawal) private {
        uint32 index = withdrawal.index;
        if (index >= header.withdrawalCount) revert WithdrawalIndexTooLarge(header.withdrawalCount, index);
        if (withdrawal.siblings.length != depth) revert WrongProofLength(depth, withdrawal.siblings.length);
        bytes32 leaf = Withdrawals.leaf(withdrawal.ownerAndToken, withdrawal.amount);
        bytes32 root = Withdrawals.rootOf(leaf, index, withdrawal.siblings);
        if (root != header.withdrawalsRoot) revert WrongWithdrawalsRoot(header.withdrawalsRoot, root);
        if (_claimed[header.number].get(index)) revert AlreadyClaimed(header.number, index);

        _claimed[header.number].set(index);
        // The circuit proves that the word is owner + 2^160·tokenId.
        address owner = address(uint160(withdrawal.ownerAndToken));
        uint32 tokenId = uint32(withdrawal.ownerAndToken >> TOKEN_SHIFT);
        emit WithdrawalClaimed(header.number, index, owner, tokenId, withdrawal.amount);
        _pay(tokenId, owner, withdrawal.amount);
    }
}
