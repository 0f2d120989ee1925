// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IChannels} from "../interfaces/IChannels.sol";
import {IChannelVault} from "../interfaces/IChannelVault.sol";
import {IPreimages} from "../interfaces/IPreimages.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {ChannelClose, ChannelState, ChannelTerms, StateSignature} from "../types/ChannelTypes.sol";
import {ChannelStates} from "./ChannelStates.sol";
import {ChannelVault} from "./ChannelVault.sol";

/// @title Payment channels whose money is an account of the rollup
/// @notice Judges what the parties signed over all that ever reached the vault: the senior has its claim first, the other one
/// the rest. That total only grows, so what is due to each only grows, and each is paid by itself.
contract Channels is IChannels, EIP712, ReentrancyGuardTransient {
    /// @dev A challenge must find its way into a block, and money must come back in this life.
    uint40 private constant MIN_PERIOD = 60;
    uint40 private constant MAX_PERIOD = 365 days;
    /// @dev How long after its period a close waits for secrets.
    /// Twin: packages/protocol/channels/types.ts MAX_LOCK_AFTER_PERIOD.
    uint40 private constant MAX_LOCK = 30 days;

    /// @inheritdoc IChannels
    IRollup public immutable override rollup;
    /// @inheritdoc IChannels
    IPreimages public immutable override preimages;
    /// @inheritdoc IChannels
    uint128 public immutable override bond;
    address private immutable VAULT;

    mapping(address vault => ChannelClose) private _closes;
    mapping(address vault => address payer) private _exitPayers;
    mapping(address account => uint256 amount) private _credits;

    modifier onlyParty(ChannelTerms calldata terms) {
        if (msg.sender != terms.a && msg.sender != terms.b) revert NotParty(msg.sender, terms.a, terms.b);
        _;
    }

    /// @param bondOfClose Without it, showing an old state would cost nothing.
    constructor(IRollup rollup_, IPreimages preimages_, uint128 bondOfClose) EIP712("Quittance Channels", "1") {
        if (bondOfClose == 0) revert InvalidParameter("bond", 0);
        rollup = rollup_;
        preimages = preimages_;
        bond = bondOfClose;
        VAULT = address(new ChannelVault(rollup_));
    }

    /// @inheritdoc IChannels
    function close(
        ChannelTerms calldata terms,
        ChannelState calldata state,
        StateSignature[2] calldata signatures,
        uint32[] calldata accountIndices
    ) external payable override nonReentrant onlyParty(terms) {
        address vault = vaultOf(terms);
        ChannelClose storage record = _closes[vault];
        if (record.periodEnd != 0) revert AlreadyClosing(vault, record.version);
        if (msg.value < bond) revert WrongValue(bond, msg.value);
        bytes32 hash = stateHash(vault, state);
        ChannelStates.requireSigned(terms, hash, signatures);

        uint40 periodEnd = uint40(block.timestamp) + terms.period;
        record.stateHash = hash;
        record.version = state.version;
        record.periodEnd = periodEnd;
        record.bondHolder = msg.sender;
        record.closedVersion = state.version;
        emit Closing(vault, msg.sender, state.version, hash, periodEnd);
        Clones.cloneDeterministic(VAULT, _saltOf(terms));
        _requestExits(vault, terms.tokenId, accountIndices, msg.value - bond);
    }

    /// @inheritdoc IChannels
    function challenge(
        ChannelTerms calldata terms,
        ChannelState calldata state,
        StateSignature[2] calldata signatures
    ) external override {
        address vault = vaultOf(terms);
        ChannelClose storage record = _closes[vault];
        uint40 periodEnd = record.periodEnd;
        if (periodEnd == 0) revert NotClosing(vault);
        if (block.timestamp >= periodEnd) revert PeriodOver(periodEnd, block.timestamp);
        if (state.version <= record.version) revert VersionNotHigher(record.version, state.version);
        bytes32 hash = stateHash(vault, state);
        ChannelStates.requireSigned(terms, hash, signatures);

        // One version more may be one that the other party signed and never sent: nobody cheated then. If it is more, the bond is
        // the other party's, whoever shows it: of a reward for the caller, a closer that copies the call would rob it.
        uint256 latest = uint256(record.closedVersion) + 1;
        if (record.version <= latest && state.version > latest) {
            record.bondHolder = record.bondHolder == terms.a ? terms.b : terms.a;
        }
        record.stateHash = hash;
        record.version = state.version;
        emit Challenged(vault, msg.sender, state.version, hash);
    }

    /// @inheritdoc IChannels
    function requestExits(ChannelTerms calldata terms, uint32[] calldata accountIndices)
        external
        payable
        override
        nonReentrant
        onlyParty(terms)
    {
        address vault = vaultOf(terms);
        if (_closes[vault].periodEnd == 0) revert NotClosing(vault);
        _requestExits(vault, terms.tokenId, accountIndices, msg.value);
    }

    /// @inheritdoc IChannels
    function settle(ChannelTerms calldata terms, ChannelState calldata state) external override {
        address vault = vaultOf(terms);
        ChannelClose storage record = _closes[vault];
        uint40 periodEnd = record.periodEnd;
        if (periodEnd == 0) revert NotClosing(vault);
        if (record.isSettled) revert AlreadySettled(vault);
        if (block.timestamp < periodEnd) revert PeriodNotOver(periodEnd, block.timestamp);
        bytes32 hash = stateHash(vault, state);
        if (hash != record.stateHash) revert WrongState(record.stateHash, hash);

        uint256 claim = ChannelStates.settledClaim(state, preimages, uint256(periodEnd) + MAX_LOCK);
        address holder = record.bondHolder;
        record.isSettled = true;
        record.residualIsB = state.residualIsB;
        record.claim = claim;
        emit Settled(vault, state.residualIsB ? terms.a : terms.b, claim);
        _credits[holder] += bond;
    }

    /// @inheritdoc IChannels
    function payout(ChannelTerms calldata terms, bool toB) external override nonReentrant {
        _payout(terms, toB, toB ? terms.b : terms.a);
    }

    /// @inheritdoc IChannels
    function payoutTo(ChannelTerms calldata terms, address receiver) external override nonReentrant onlyParty(terms) {
        // What a vault pays itself would count as paid and be there again.
        if (receiver == address(0) || receiver == address(this) || receiver == vaultOf(terms)) revert NoReceiver(receiver);
        _payout(terms, msg.sender == terms.b, receiver);
    }

    /// @inheritdoc IChannels
    function collectExitFees(ChannelTerms calldata terms) external override nonReentrant {
        address vault = vaultOf(terms);
        address payer = _exitPayers[vault];
        if (_closes[vault].periodEnd == 0) revert NotClosing(vault);
        // Where nobody paid for an exit, a deposit for the vault was given back.
        IChannelVault(vault).collectFees(payer == address(0) ? terms.a : payer);
    }

    /// @inheritdoc IChannels
    function collectBonds(address receiver) external override nonReentrant {
        uint256 amount = _credits[msg.sender];
        if (amount == 0) revert NoCredit(msg.sender);
        if (receiver == address(0) || receiver == address(this)) revert NoReceiver(receiver);
        _credits[msg.sender] = 0;
        if (!LowLevelCall.callNoReturn(receiver, amount, "")) revert PaymentRefused(receiver, amount);
    }

    /// @inheritdoc IChannels
    function closeOf(address vault) external view override returns (ChannelClose memory) {
        return _closes[vault];
    }

    /// @inheritdoc IChannels
    function creditOf(address account) external view override returns (uint256) {
        return _credits[account];
    }

    /// @inheritdoc IChannels
    /// @dev Twin: packages/protocol/channels/state-hash.ts channelVault.
    function vaultOf(ChannelTerms calldata terms) public view override returns (address) {
        _requireTerms(terms);
        return Clones.predictDeterministicAddress(VAULT, _saltOf(terms));
    }

    /// @inheritdoc IChannels
    function stateHash(address vault, ChannelState calldata state) public view override returns (bytes32) {
        return _hashTypedDataV4(ChannelStates.structHash(vault, state));
    }

    /// @dev Both shares over everything that ever came: the senior's first, the rest is the other's.
    /// Twin: packages/protocol/channels/shares.ts channelShares.
    function _payout(ChannelTerms calldata terms, bool toB, address receiver) private {
        address vault = vaultOf(terms);
        ChannelClose storage record = _closes[vault];
        if (!record.isSettled) revert NotSettled(vault);
        address token = rollup.tokenAddress(terms.tokenId);
        uint256 held = token == address(0) ? vault.balance : IERC20(token).balanceOf(vault);
        (uint256 paidSenior, uint256 paidResidual) = (record.paidSenior, record.paidResidual);
        uint256 total = held + paidSenior + paidResidual;
        uint256 senior = total < record.claim ? total : record.claim;
        bool isResidual = toB == record.residualIsB;
        uint256 due = isResidual ? total - senior : senior;
        uint256 paid = isResidual ? paidResidual : paidSenior;
        // Only a token that takes money away makes this less than was paid.
        uint256 amount = due > paid ? due - paid : 0;
        if (amount > held) amount = held;
        // So much of an honest token is never there.
        if (amount > type(uint128).max - paid) amount = type(uint128).max - paid;
        if (amount == 0) revert NothingToPay(vault, toB ? terms.b : terms.a);

        if (isResidual) record.paidResidual = uint128(paid + amount);
        else record.paidSenior = uint128(paid + amount);
        emit PaidOut(vault, toB ? terms.b : terms.a, receiver, amount);
        IChannelVault(vault).pay(token, receiver, amount);
    }

    /// @dev Each exit gets the same fee; the rollup says whether it is enough.
    function _requestExits(address vault, uint32 tokenId, uint32[] calldata accountIndices, uint256 fees) private {
        uint256 count = accountIndices.length;
        if (count == 0) {
            if (fees != 0) revert WrongValue(0, fees);
            return;
        }
        uint256 fee = fees / count;
        if (fee * count != fees) revert WrongValue(fee * count, fees);
        if (_exitPayers[vault] == address(0)) _exitPayers[vault] = msg.sender;
        for (uint256 i = 0; i < count; ++i) {
            IChannelVault(vault).requestExit{value: fee}(accountIndices[i], tokenId);
        }
    }

    /// @dev What makes no channel: one party, or none; a period in which nobody can challenge, or that never ends.
    /// Twin: packages/protocol/channels/types.ts CHANNEL_PERIOD.
    function _requireTerms(ChannelTerms calldata terms) private pure {
        if (terms.a == address(0) || terms.a == terms.b) revert InvalidParameter("a", uint160(terms.a));
        if (terms.b == address(0)) revert InvalidParameter("b", 0);
        if (terms.period < MIN_PERIOD || terms.period > MAX_PERIOD) revert InvalidParameter("period", terms.period);
    }

    function _saltOf(ChannelTerms calldata terms) private pure returns (bytes32) {
        return keccak256(abi.encode(terms.tokenId, terms.a, terms.b, terms.period, terms.nonce));
    }
}
