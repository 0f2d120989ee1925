// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

/// @notice What a channel is: its vault's address follows from it (docs/channels.md, Vault).
/// Twin: packages/protocol/channels/types.ts ChannelTerms.
/// @param tokenId Token of the rollup.
/// @param a One party.
/// @param b The other one.
/// @param period Seconds that a lonely close can be challenged.
/// @param nonce Tells the channels of two parties apart.
struct ChannelTerms {
    uint32 tokenId;
    address a;
    address b;
    uint40 period;
    uint64 nonce;
}

/// @notice Money that belongs to whoever can show a secret in time, or else to the other party.
/// Twin: packages/protocol/channels/types.ts Htlc.
/// @param hash sha256 of the secret, which has 32 bytes.
/// @param amount Base units.
/// @param expiry The last second in which the secret counts, in Unix seconds; 30 days after the period of a close at most.
/// @param toSenior Whom the secret pays: the senior party, or the residual one.
struct Htlc {
    bytes32 hash;
    uint128 amount;
    uint40 expiry;
    bool toSenior;
}

/// @notice What both parties signed of the money that ever reaches the vault.
/// Twin: packages/protocol/channels/types.ts ChannelState.
/// @param version Later states have higher ones.
/// @param claim Base units that the senior party has for sure.
/// @param residualIsB Which party has the rest; the other one is the senior.
/// @param htlcs At most 64.
struct ChannelState {
    uint48 version;
    uint128 claim;
    bool residualIsB;
    Htlc[] htlcs;
}

/// @notice A signature of secp256k1 over the EIP-712 hash of a state; s in the lower half.
/// Twin: packages/protocol/channels/signature.ts StateSignature.
struct StateSignature {
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @notice A lonely close.
/// @param stateHash EIP-712 hash of the newest state that was shown.
/// @param version Of that state.
/// @param periodEnd The second from which it stands, in Unix seconds; 0 before a close.
/// @param bondHolder Who has the bond at the settlement: who closed, or the other party, if a version more than one above
/// that of the close was shown.
/// @param isSettled Whether the shares are fixed.
/// @param residualIsB Of the settled state.
/// @param closedVersion Of the state that the close began with.
/// @param claim What the senior has first, HTLCs included, once it is settled.
/// @param paidSenior Base units that were paid to the senior so far.
/// @param paidResidual The same of the residual party.
struct ChannelClose {
    bytes32 stateHash;
    uint48 version;
    uint40 periodEnd;
    address bondHolder;
    bool isSettled;
    bool residualIsB;
    uint48 closedVersion;
    uint256 claim;
    uint128 paidSenior;
    uint128 paidResidual;
}
