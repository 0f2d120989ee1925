// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {ChannelClose, ChannelState, ChannelTerms, StateSignature} from "../types/ChannelTypes.sol";
import {IPreimages} from "./IPreimages.sol";
import {IRollup} from "./IRollup.sol";

/// @title Payment channels whose money is an account of the rollup
/// @notice Rules: docs/channels.md. Nobody owns this contract and nobody can change it.
interface IChannels {
    /// @notice A parameter of the deployment, or of a channel, is out of its range.
    error InvalidParameter(string name, uint256 value);
    /// @notice Only the two parties may do that.
    error NotParty(address caller, address a, address b);
    /// @notice The state is not signed by this party.
    error WrongSignature(address expected, address actual);
    /// @notice A state has at most 64 HTLCs.
    error TooManyHtlcs(uint256 maximum, uint256 actual);
    /// @notice The bond must come along, and exactly the fees of the exits that are requested.
    error WrongValue(uint256 expected, uint256 actual);
    /// @notice The channel is being closed already; a higher version challenges.
    error AlreadyClosing(address vault, uint48 version);
    /// @notice Nobody closes this channel alone.
    error NotClosing(address vault);
    /// @notice The challenge shows no higher version.
    error VersionNotHigher(uint48 shown, uint48 version);
    /// @notice The period is over.
    error PeriodOver(uint40 periodEnd, uint256 time);
    /// @notice The period is not over.
    error PeriodNotOver(uint40 periodEnd, uint256 time);
    /// @notice The state is another one than that which was shown last.
    error WrongState(bytes32 expected, bytes32 actual);
    /// @notice The secret of an HTLC can still come.
    error HtlcPending(uint256 position, uint40 expiry, uint256 time);
    /// @notice The shares are fixed already.
    error AlreadySettled(address vault);
    /// @notice The shares are not fixed yet.
    error NotSettled(address vault);
    /// @notice Nothing is there for this party at present.
    error NothingToPay(address vault, address party);
    /// @notice Money cannot go there.
    error NoReceiver(address receiver);
    /// @notice There is no bond to collect.
    error NoCredit(address account);
    /// @notice The receiver did not take the ETH.
    error PaymentRefused(address receiver, uint256 amount);

    /// @notice A party closes alone: until `periodEnd` a higher version replaces the state.
    event Closing(address indexed vault, address indexed closer, uint48 version, bytes32 stateHash, uint40 periodEnd);
    /// @notice A higher version was shown.
    event Challenged(address indexed vault, address indexed challenger, uint48 version, bytes32 stateHash);
    /// @notice The shares are fixed: the senior has `claim` first, all that is left or ever comes is of the other.
    event Settled(address indexed vault, address indexed senior, uint256 claim);
    /// @notice A party was paid.
    event PaidOut(address indexed vault, address indexed party, address receiver, uint256 amount);

    /// @notice Closes a channel alone: deploys the vault, shows a state, requests the exit of the accounts. Caller: a party.
    /// `msg.value` is the bond, and the exits' fees in equal parts.
    /// @param accountIndices Accounts of the vault; none in the exodus, where the accounts leave by themselves.
    function close(
        ChannelTerms calldata terms,
        ChannelState calldata state,
        StateSignature[2] calldata signatures,
        uint32[] calldata accountIndices
    ) external payable;

    /// @notice Shows a higher version within the period, which does not grow by that. Anyone may; if it is more than one above
    /// that of the close, the bond is that party's which did not close.
    function challenge(
        ChannelTerms calldata terms,
        ChannelState calldata state,
        StateSignature[2] calldata signatures
    ) external;

    /// @notice Requests the exit of further accounts of a vault that is closed. Caller: a party. `msg.value` are the fees.
    function requestExits(ChannelTerms calldata terms, uint32[] calldata accountIndices) external payable;

    /// @notice Fixes the shares, once the period is over and each HTLC has its secret or is expired. Anyone may.
    /// @param state The one that was shown last.
    function settle(ChannelTerms calldata terms, ChannelState calldata state) external;

    /// @notice Pays a party what is there for it, as often as money comes. Anyone may.
    /// @param toB Which one.
    function payout(ChannelTerms calldata terms, bool toB) external;

    /// @notice The same to another receiver, which is neither the vault nor this contract. Caller: that party.
    function payoutTo(ChannelTerms calldata terms, address receiver) external;

    /// @notice Sends fees of exits on that the rollup gave back in its exodus, to who paid first for one.
    function collectExitFees(ChannelTerms calldata terms) external;

    /// @notice Pays out the caller's bonds.
    function collectBonds(address receiver) external;

    /// @notice Address of the vault of a channel, deployed or not. Reverts for terms with which it could not be closed.
    function vaultOf(ChannelTerms calldata terms) external view returns (address vault);

    /// @notice EIP-712 hash of a state, which both parties sign.
    function stateHash(address vault, ChannelState calldata state) external view returns (bytes32);

    /// @notice How far a lonely close is; zeros when there is none.
    function closeOf(address vault) external view returns (ChannelClose memory);

    /// @notice Bonds that an account can collect, in wei.
    function creditOf(address account) external view returns (uint256);

    /// @notice What a close costs whoever shows an old state, in wei.
    function bond() external view returns (uint128);

    /// @notice The rollup.
    function rollup() external view returns (IRollup);

    /// @notice Where secrets are shown.
    function preimages() external view returns (IPreimages);
}
