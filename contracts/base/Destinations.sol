// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IMoves} from "../interfaces/IMoves.sol";
import {TREE_CAPACITY} from "../libraries/Constants.sol";

/// @title Where moves can go
/// @notice An append-only list of contracts; a record of kind 7 names one by its number, in place of an account's index.
abstract contract Destinations is IMoves {
    address[] private _destinations;

    /// @inheritdoc IMoves
    function registerDestination(address destination) external override returns (uint32 number) {
        if (destination == address(this) || destination.code.length == 0) revert NotADestination(destination);
        uint256 count = _destinations.length;
        if (count == TREE_CAPACITY) revert TooManyDestinations();
        _destinations.push(destination);
        number = uint32(count);
        emit DestinationRegistered(number, destination);
    }

    /// @inheritdoc IMoves
    function destinationOf(uint32 number) public view override returns (address) {
        return number < _destinations.length ? _destinations[number] : address(0);
    }

    /// @inheritdoc IMoves
    function destinationCount() external view override returns (uint32) {
        return uint32(_destinations.length);
    }

    /// @dev The contract of a number that was given.
    function _requireDestination(uint32 number) internal view returns (address destination) {
        destination = destinationOf(number);
        if (destination == address(0)) revert UnknownDestination(number);
    }
}
