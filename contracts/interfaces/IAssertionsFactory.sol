// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {AssertionParameters, AssertionSetup} from "../types/AssertionTypes.sol";
import {IAssertions} from "./IAssertions.sol";

/// @title Creates the assertions of a rollup
/// @notice Rollup and assertions know each other for good: the rollup creates them while it is created itself. Their code
/// stands here, since the rollup has no room for it.
interface IAssertionsFactory {
    /// @notice Creates assertions that belong to the caller.
    /// @param setup What the rollup has fixed for itself.
    /// @param parameters Periods and bonds.
    function create(AssertionSetup calldata setup, AssertionParameters calldata parameters)
        external
        returns (IAssertions);
}
