// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IChannels} from "../interfaces/IChannels.sol";
import {IPreimages} from "../interfaces/IPreimages.sol";
import {ChannelState, ChannelTerms, Htlc, StateSignature} from "../types/ChannelTypes.sol";

/// @title Hashes, signatures and shares of channel states
/// @notice What is signed with secp256k1, and how money is shared out.
library ChannelStates {
    /// @notice Most HTLCs of a state: what a settlement must be able to pay for.
    /// Twin: packages/protocol/channels/types.ts MAX_HTLCS.
    uint256 internal constant MAX_HTLCS = 64;

    // solhint-disable gas-small-strings
    bytes32 internal constant HTLC_TYPEHASH =
        keccak256("Htlc(bytes32 hash,uint128 amount,uint40 expiry,bool toSenior)");
    bytes32 internal constant STATE_TYPEHASH = keccak256(
        "ChannelState(address vault,uint48 version,uint128 claim,bool residualIsB,Htlc[] htlcs)Htlc(bytes32 hash,uint128 amount,uint40 expiry,bool toSenior)"
    );
    // solhint-enable gas-small-strings

    /// @notice The EIP-712 hash of the struct. Reverts for more HTLCs than a state may have.
    /// Twin: packages/protocol/channels/state-hash.ts channelStateHash.
    function structHash(address vault, ChannelState calldata state) internal pure returns (bytes32) {
        uint256 count = state.htlcs.length;
        if (count > MAX_HTLCS) revert IChannels.TooManyHtlcs(MAX_HTLCS, count);
        bytes32[] memory hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            Htlc calldata htlc = state.htlcs[i];
            hashes[i] =
                keccak256(abi.encode(HTLC_TYPEHASH, htlc.hash, htlc.amount, htlc.expiry, htlc.toSenior));
        }
        bytes32 list = keccak256(abi.encodePacked(hashes));
        return keccak256(
            abi.encode(STATE_TYPEHASH, vault, state.version, state.claim, state.residualIsB, list)
        );
    }

    /// @notice Reverts unless both parties signed the hash, A first.
    /// Twin: packages/protocol/channels/signature.ts recoverChannelSigner.
    function requireSigned(ChannelTerms calldata terms, bytes32 hash, StateSignature[2] calldata signatures)
        internal
        pure
    {
        _requireSigner(terms.a, hash, signatures[0]);
        _requireSigner(terms.b, hash, signatures[1]);
    }

    /// @notice What the senior has first: its claim, and of each HTLC whose fate is known what falls to it. Reverts while the
    /// secret of one can still come, which it can until `latest` at most: no expiry keeps a settlement back for ever.
    /// Twin: packages/protocol/channels/shares.ts settledClaim.
    function settledClaim(ChannelState calldata state, IPreimages preimages, uint256 latest)
        internal
        view
        returns (uint256 claim)
    {
        claim = state.claim;
        uint256 count = state.htlcs.length;
        for (uint256 i = 0; i < count; ++i) {
            Htlc calldata htlc = state.htlcs[i];
            uint256 time = preimages.revealedAt(htlc.hash);
            uint256 last = htlc.expiry < latest ? htlc.expiry : latest;
            bool isPaid = time != 0 && time <= last;
            if (!isPaid && block.timestamp <= last) {
                revert IChannels.HtlcPending(i, htlc.expiry, block.timestamp);
            }
            if (isPaid == htlc.toSenior) claim += htlc.amount;
        }
    }

    function _requireSigner(address party, bytes32 hash, StateSignature calldata signature) private pure {
        address signer = ECDSA.recover(hash, signature.v, signature.r, signature.s);
        if (signer != party) revert IChannels.WrongSignature(party, signer);
    }
}
