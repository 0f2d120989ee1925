// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Proof} from "../types/RollupTypes.sol";

/// @title Why proofs are refused
/// @notice Apart from the verifier, since a rollup hands these errors on and so has them in its interface too.
interface IProofErrors {
    /// @notice There must be as many input rows as proofs, and at least one.
    error WrongProofCount(uint256 inputCount, uint256 proofCount);

    /// @notice A public input is not below the order of the scalar field.
    error InputNotInField(uint256 proofIndex, uint256 inputIndex, uint256 value);

    /// @notice At least one proof is wrong: a coordinate ≥ q, a point off its curve, or the equation does not hold.
    error InvalidProof();

    /// @notice The verifier neither refused nor said that the proofs are right: no answer, or another one.
    error WrongVerifierAnswer(address verifier, uint256 size, bytes32 answer);
}

/// @title Verifier of chunk proofs
/// @notice Verifies 1 to K Groth16 proofs of one circuit in a single pairing check.
interface IBatchVerifier is IProofErrors {
    /// @notice The verifying key is unusable: gamma equals delta, so that proofs without a witness verify.
    error GammaEqualsDelta();

    /// @notice A point of the verifying key is off its curve, out of its subgroup or has a coordinate ≥ q.
    /// @param point 0 alpha, 1 beta, 2 gamma, 3 delta, 4 + i IC[i].
    error InvalidKeyPoint(uint256 point);

    /// @notice A point of the verifying key is the point at infinity.
    /// @param point 0 alpha, 1 beta, 2 gamma, 3 delta, 4 + i IC[i].
    error KeyPointAtInfinity(uint256 point);

    /// @notice The verifying key is for another number of public inputs.
    error WrongIcCount(uint256 expected, uint256 actual);

    /// @notice A development key (its secrets are known) may be deployed to local chains only.
    error DevelopmentKeyRefused(uint256 chainId);

    /// @notice The key was accepted and stored.
    /// @param keyHash keccak of the key's 34 words: alpha, beta, gamma, delta (imaginary parts first), IC.
    event VerifyingKeySet(bytes32 indexed keyHash, bool isDevelopmentKey);

    /// @notice Answers when every proof is right for its row of inputs, reverts otherwise.
    /// @param inputs Public inputs, nine for each proof, in the order of docs/protocol.md, Chunk. Untrusted.
    /// @param proofs One proof for each row. Untrusted.
    /// @return accepted This function's selector, as in ERC-1271: a contract that answers every call with nothing, or with
    /// a plain number, is not taken for a verifier.
    function verify(uint256[9][] calldata inputs, Proof[] calldata proofs) external view returns (bytes4 accepted);

    /// @notice Hash of the verifying key.
    function keyHash() external view returns (bytes32);

    /// @notice Whether the key's secrets are known, so that its proofs prove nothing.
    function isDevelopmentKey() external view returns (bool);
}
