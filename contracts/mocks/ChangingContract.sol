// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IProofErrors} from "../interfaces/IBatchVerifier.sol";

/// @title Answers every call with the same bytes, or refuses it as a verifier refuses a wrong proof
contract ChangingContract {
    bytes private _answer;
    bool private _refuses;

    constructor(bool refuses, bytes memory answer) {
        change(refuses, answer);
    }

    // It is called through memory only, so its gas is no matter.
    // solhint-disable-next-line no-complex-fallback
    fallback(bytes calldata) external payable returns (bytes memory) {
        if (_refuses) revert IProofErrors.InvalidProof();
        return _answer;
    }

    /// @notice Sets what comes of later calls.
    function change(bool refuses, bytes memory answer) public {
        _refuses = refuses;
        _answer = answer;
    }
}
