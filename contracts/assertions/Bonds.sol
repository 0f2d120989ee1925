// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {IAssertions} from "../interfaces/IAssertions.sol";
import {IRollup} from "../interfaces/IRollup.sol";

/// @title Bonds and credits
/// @notice The balance is the sum of the bonds that are locked and the credits that were not collected. A bond comes in
/// exactly, and goes once: back as a credit of who paid it, half as a credit of who earned it and half burned, or burned.
/// @dev Each bond's own flags say whether it was dealt with: Assertion.isRejected or isReleased, Dispute.isSettled.
abstract contract Bonds is IAssertions {
    /// @dev Nobody has the key of it: what goes there is gone.
    address private constant BURN_ADDRESS = 0x000000000000000000000000000000000000dEaD;

    /// @inheritdoc IAssertions
    uint128 public immutable override assertionBond;
    /// @inheritdoc IAssertions
    uint128 public immutable override disputeBond;

    mapping(address account => uint256 amount) private _credits;

    /// @dev Without a bond, lies or false disputes would be free.
    constructor(uint128 bondOfAssertion, uint128 bondOfDispute) {
        if (bondOfAssertion == 0) revert IRollup.InvalidParameter("assertionBond", 0);
        if (bondOfDispute == 0) revert IRollup.InvalidParameter("disputeBond", 0);
        assertionBond = bondOfAssertion;
        disputeBond = bondOfDispute;
    }

    /// @inheritdoc IAssertions
    function collectCredit(address receiver) external override {
        uint256 amount = _credits[msg.sender];
        if (amount == 0) revert NoCredit(msg.sender);
        _credits[msg.sender] = 0;
        // ETH sent to 0 is gone.
        if (receiver == address(0)) receiver = msg.sender;
        emit CreditCollected(msg.sender, receiver, amount);
        _send(receiver, amount);
    }

    /// @inheritdoc IAssertions
    function creditOf(address account) external view override returns (uint256) {
        return _credits[account];
    }

    /// @dev Exactly the bond must have come along.
    function _requireBond(uint256 expected) internal view {
        if (msg.value != expected) revert WrongBond(expected, msg.value);
    }

    /// @dev Gives a bond back.
    function _return(address account, uint256 amount) internal {
        _credits[account] += amount;
    }

    /// @dev Half of a bond to who earned it, the rest burned, so that nobody wins against themselves. The burn address has
    /// no code, so nothing can be called back; still this stands last.
    function _forfeit(uint256 amount, address winner) internal {
        uint256 half = amount / 2;
        _credits[winner] += half;
        _send(BURN_ADDRESS, amount - half);
    }

    /// @dev A whole bond burned: nobody earned it.
    function _burn(uint256 amount) internal {
        _send(BURN_ADDRESS, amount);
    }

    /// @dev Sends ETH without taking any data back.
    function _send(address receiver, uint256 amount) private {
        if (!LowLevelCall.callNoReturn(receiver, amount, "")) revert PaymentFailed(receiver, amount);
    }
}
