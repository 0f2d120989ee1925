// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Assertions} from "../Assertions.sol";
import {IAssertions} from "../interfaces/IAssertions.sol";
import {IAssertionsFactory} from "../interfaces/IAssertionsFactory.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {DataContract} from "../libraries/DataContract.sol";
import {IStepVerifier} from "../step/IStepVerifier.sol";
import {AssertionParameters, AssertionSetup} from "../types/AssertionTypes.sol";
import {StepVerifierCheck} from "./StepVerifierCheck.sol";

/// @title Creates the assertions of a rollup
/// @notice Anyone may use it; what it creates serves its caller only.
contract AssertionsFactory is IAssertionsFactory {
    /// @notice Executes the disputed records of all that is created here.
    IStepVerifier public immutable stepVerifier;

    /// @dev Keeps the code that creates Assertions: this contract has no room for it beside its own.
    address private immutable CREATION_CODE;

    /// @param executor The step verifier. Shown two records here: one that executes nothing, or finds nothing wrong, would
    /// let every lie stand.
    constructor(IStepVerifier executor) {
        if (!StepVerifierCheck.tellsRecordsApart(executor)) {
            revert IRollup.InvalidParameter("stepVerifier", uint256(uint160(address(executor))));
        }
        stepVerifier = executor;
        CREATION_CODE = DataContract.write(type(Assertions).creationCode);
    }

    /// @inheritdoc IAssertionsFactory
    /// @dev As `new Assertions(…)` would: the same code behind which the same arguments stand, and its reason handed on when
    /// it refuses them.
    function create(AssertionSetup calldata setup, AssertionParameters calldata parameters)
        external
        override
        returns (IAssertions created)
    {
        bytes memory creation = bytes.concat(
            DataContract.read(CREATION_CODE), abi.encode(IRollup(msg.sender), stepVerifier, setup, parameters)
        );
        assembly ("memory-safe") {
            created := create(0, add(creation, 0x20), mload(creation))
            if iszero(created) {
                let reason := mload(0x40)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
        }
    }
}
