// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {Withdrawals} from "../libraries/Withdrawals.sol";
import {StoredHeader, WithdrawalProof} from "../types/RollupTypes.sol";
import {OptimisticMode} from "./OptimisticMode.sol";

/// @title Claims of withdrawals
/// @notice Open to anyone at any time, in the exodus too: the money goes to the owner that the record names, or to whom the
/// owner itself names. A receiver that refuses ETH fails its own call only.
abstract contract Claims is OptimisticMode {
    using BitMaps for BitMaps.BitMap;

    /// @dev Stands for "each owner gets its own".
    address internal constant OWNER = address(0);

    mapping(uint64 number => BitMaps.BitMap claimed) private _claimed;

    /// @inheritdoc IRollup
    function claimWithdrawals(StoredHeader calldata header, WithdrawalProof[] calldata withdrawals)
        external
        override
        nonReentrant
    {
        _claimAll(header, withdrawals, OWNER);
    }

    /// @inheritdoc IRollup
    function claimWithdrawalsTo(
        StoredHeader calldata header,
        WithdrawalProof[] calldata withdrawals,
        address receiver
    ) external override nonReentrant {
        _requireReceiver(receiver);
        _claimAll(header, withdrawals, receiver);
    }

    /// @inheritdoc IRollup
    function collectFees() external override nonReentrant {
        _sendEther(msg.sender, _takeFees());
    }

    /// @inheritdoc IRollup
    function collectFeesTo(address receiver) external override nonReentrant {
        _requireReceiver(receiver);
        _sendEther(receiver, _takeFees());
    }

    /// @inheritdoc IRollup
    function isClaimed(uint64 number, uint32 index) external view override returns (bool) {
        return _claimed[number].get(index);
    }

    /// @dev Who is paid: the owner, or whom the owner itself names (it may have no way to take ETH, or be barred by a token).
    /// @param receiver OWNER, or somebody whom the caller names.
    function _receiverFor(address owner, address receiver) internal view returns (address) {
        if (receiver == OWNER) return owner;
        if (msg.sender != owner) revert NotOwner(owner, msg.sender);
        return receiver;
    }

    /// @dev ETH sent to 0 is gone, and tokens sent here belong to nobody.
    function _requireReceiver(address receiver) internal view {
        if (receiver == address(0) || receiver == address(this)) revert NoReceiver(receiver);
    }

    /// @dev Which withdrawals and moves of a batch were paid.
    function _claimedOf(uint64 number) internal view returns (BitMaps.BitMap storage claimed) {
        return _claimed[number];
    }

    /// @dev Pays what was just marked as paid.
    /// @param ownerAndToken The circuit proves that the word is owner + 2^160·tokenId.
    function _payClaim(uint64 number, uint32 index, uint256 ownerAndToken, uint256 amount, address receiver) internal {
        address owner = address(uint160(ownerAndToken));
        uint32 tokenId = uint32(ownerAndToken >> Withdrawals.TOKEN_SHIFT);
        emit WithdrawalClaimed(number, index, owner, tokenId, amount);
        _pay(tokenId, _receiverFor(owner, receiver), amount);
    }

    function _claimAll(StoredHeader calldata header, WithdrawalProof[] calldata withdrawals, address receiver) private {
        _requireFinal(header);
        uint256 depth = Withdrawals.depth(header.withdrawalCount);
        BitMaps.BitMap storage claimed = _claimed[header.number];
        for (uint256 i = 0; i < withdrawals.length; ++i) {
            WithdrawalProof calldata withdrawal = withdrawals[i];
            (uint256 ownerAndToken, uint256 amount) = (withdrawal.ownerAndToken, withdrawal.amount);
            bytes32 leaf = Withdrawals.leaf(ownerAndToken, amount);
            Withdrawals.take(claimed, header, depth, leaf, withdrawal.index, withdrawal.siblings);
            _payClaim(header.number, withdrawal.index, ownerAndToken, amount, receiver);
        }
    }
}
