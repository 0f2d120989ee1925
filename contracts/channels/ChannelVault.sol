// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {IChannelVault} from "../interfaces/IChannelVault.sol";
import {IRollup} from "../interfaces/IRollup.sol";

/// @title The owner of a channel's account on the rollup
/// @notice Takes whatever comes, also before anybody deployed it, and obeys the contract that makes the vaults. Each is a
/// clone of one of these.
contract ChannelVault is IChannelVault {
    using SafeERC20 for IERC20;

    IRollup private immutable ROLLUP;
    address private immutable CHANNELS;

    modifier onlyChannels() {
        if (msg.sender != CHANNELS) revert NotChannels(msg.sender);
        _;
    }

    constructor(IRollup rollup) {
        ROLLUP = rollup;
        CHANNELS = msg.sender;
    }

    /// @dev Claims, exits and gifts. Nothing is noted: what counts is how much ever came.
    receive() external payable {}

    /// @inheritdoc IChannelVault
    function requestExit(uint32 accountIndex, uint32 tokenId) external payable override onlyChannels {
        ROLLUP.requestExit{value: msg.value}(accountIndex, tokenId);
    }

    /// @inheritdoc IChannelVault
    function collectFees(address receiver) external override onlyChannels {
        ROLLUP.collectFeesTo(receiver);
    }

    /// @inheritdoc IChannelVault
    function pay(address token, address receiver, uint256 amount) external override onlyChannels {
        if (token != address(0)) IERC20(token).safeTransfer(receiver, amount);
        else if (!LowLevelCall.callNoReturn(receiver, amount, "")) revert PaymentRefused(receiver, amount);
    }
}
