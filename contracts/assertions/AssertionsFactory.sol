// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Assertions} from "../Assertions.sol";
import {IAssertions} from "../interfaces/IAssertions.sol";
import {IAssertionsFactory} from "../interfaces/IAssertionsFactory.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {IStepVerifier} from "../step/IStepVerifier.sol";
import {AssertionParameters, AssertionSetup} from "../types/AssertionTypes.sol";
import {StepVerifierCheck} from "./StepVerifierCheck.sol";

/// @title Creates the assertions of a rollup
/// @notice Anyone may use it; what it creates serves its caller only.
contract AssertionsFactory is IAssertionsFactory {
    /// @notice Executes the disputed records of all that is created here.
    IStepVerifier public immutable stepVerifier;

    /// @param executor The step verifier. Shown two records here: one that executes nothing, or finds nothing wrong, would
    /// let every lie stand.
    constructor(IStepVerifier executor) {
        if (!StepVerifierCheck.tellsRecordsApart(executor)) {
            revert IRollup.InvalidParameter("stepVerifier", uint256(uint160(address(executor))));
        }
        stepVerifier = executor;
    }

    /// @inheritdoc IAssertionsFactory
    function create(AssertionSetup calldata setup, AssertionParameters calldata parameters)
        external
        override
        returns (IAssertions)
    {
        return new Assertions(IRollup(msg.sender), stepVerifier, setup, parameters);
    }
}
