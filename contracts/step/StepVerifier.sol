// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {IPoseidon4} from "../interfaces/IPoseidon4.sol";
import {IPoseidon5} from "../interfaces/IPoseidon5.sol";
import {
    KIND_COLLECT_FEE,
    KIND_DEPOSIT,
    KIND_FORCED_EXIT,
    KIND_MOVE,
    KIND_NOOP,
    KIND_TRANSFER,
    KIND_TRANSFER_TO_NEW,
    RECORD_BITS
} from "../libraries/Constants.sol";
import {Leaf} from "../types/RollupTypes.sol";
import {IStepVerifier} from "./IStepVerifier.sol";
import {StepCommitment} from "./StepCommitment.sol";
import {StepShape} from "./StepShape.sol";
import {StepSignature} from "./StepSignature.sol";
import {StepTree} from "./StepTree.sol";
import {
    LeafWitness,
    StepContext,
    StepOutcome,
    StepRecord,
    StepResult,
    StepState,
    StepWitness
} from "./StepTypes.sol";

/// @title Executes one record on L1 (docs/protocol.md, Rules)
/// @notice Order: first the rules that need no state; then the leaves are proven against the state root; then the rules on
/// them. The witness proves facts (contents of leaves, coordinates of points) and chooses nothing, so that a wrong one
/// can only revert. Leaves that exist are always read through their proof, and an empty leaf is proven like any other.
contract StepVerifier is IStepVerifier {
    /// @dev What the rules of one record work on: memory, so that they can be functions of their own.
    struct Step {
        StepShape.Fields fields;
        /// The leaves after the record; before their change, as proven.
        Leaf sender;
        Leaf receiver;
        uint256[4] fees;
        uint256 message;
    }

    uint256 private constant NONCE_SHIFT = RECORD_BITS;
    uint256 private constant VALID_UNTIL_SHIFT = RECORD_BITS + 32;
    uint256 private constant TOKEN_SHIFT = 160;
    uint256 private constant FEE_TOKEN_COUNT = 4;

    // Poseidon(1, 2, 3, 4) and Poseidon(1, 2, 3, 4, 5).
    uint256 private constant HASH_OF_FOUR =
        18821383157269793795438455681495246036402687001665670618754263018637548127333;
    uint256 private constant HASH_OF_FIVE =
        6183221330272524995739186171720101788151706631170188140075976616310159254464;

    /// @notice Hash of leaves, nodes and messages.
    IPoseidon4 public immutable poseidon4;
    /// @notice Hash that makes the challenge of a signature.
    IPoseidon5 public immutable poseidon5;

    /// @param hasherOfFour Poseidon4.
    /// @param hasherOfFive Poseidon5.
    constructor(IPoseidon4 hasherOfFour, IPoseidon5 hasherOfFive) {
        if (hasherOfFour.hash([uint256(1), 2, 3, 4]) != HASH_OF_FOUR) revert WrongHash(address(hasherOfFour));
        if (hasherOfFive.hash([uint256(1), 2, 3, 4, 5]) != HASH_OF_FIVE) revert WrongHash(address(hasherOfFive));
        poseidon4 = hasherOfFour;
        poseidon5 = hasherOfFive;
    }

    /// @inheritdoc IStepVerifier
    /// @dev Twin: packages/protocol/state/apply.ts applyOperation.
    function executeStep(
        StepState calldata before,
        StepContext calldata context,
        StepRecord calldata step,
        StepWitness calldata witness
    ) external view override returns (StepOutcome memory outcome) {
        Step memory memo;
        memo.fields = StepShape.decode(step.record);
        memo.fees = before.fees;
        uint256 kind = memo.fields.kind;
        uint256 root = before.stateRoot;

        StepResult result = StepShape.violation(step.record, memo.fields, step.words);
        if (result == StepResult.Valid && kind != KIND_NOOP) {
            if (kind == KIND_TRANSFER || kind == KIND_TRANSFER_TO_NEW) {
                (result, root) = _executeTransfer(memo, root, context, step, witness);
            } else if (kind == KIND_DEPOSIT || kind == KIND_COLLECT_FEE) {
                (result, root) = _executeCredit(memo, root, context, step, witness.to);
            } else {
                (result, root) = _executeDebit(memo, root, context, step, witness);
            }
        }
        outcome.result = result;
        if (result == StepResult.Valid) {
            outcome.state.stateRoot = root;
            outcome.state.fees = memo.fees;
            // At most M in a state of valid records: no overflow.
            outcome.state.visibleCount = before.visibleCount + (StepShape.isVisible(kind) ? 1 : 0);
        }
    }

    /// @inheritdoc IStepVerifier
    function commitmentOf(StepState calldata state, uint256[4] calldata feeTokens)
        external
        pure
        override
        returns (bytes32)
    {
        return StepCommitment.hash(state.stateRoot, state.fees, feeTokens, state.visibleCount);
    }

    /// @dev Kinds 1 and 2: two leaves, the sender's and the receiver's.
    function _executeTransfer(
        Step memory memo,
        uint256 root,
        StepContext calldata context,
        StepRecord calldata step,
        StepWitness calldata witness
    ) private view returns (StepResult result, uint256 newRoot) {
        uint256 from = memo.fields.from;
        uint256 to = memo.fields.to;
        if (from == to) {
            _requireLeaf(root, from, witness.from);
            return (witness.from.exists ? StepResult.SelfTransfer : StepResult.SenderEmpty, 0);
        }
        _requireRoot(root, _rootOfPair(from, _nodeOf(witness.from), to, _nodeOf(witness.to), witness));

        if (!witness.from.exists) return (StepResult.SenderEmpty, 0);
        memo.sender = witness.from.leaf;
        if (memo.fields.kind == KIND_TRANSFER) {
            if (!witness.to.exists) return (StepResult.ReceiverEmpty, 0);
            memo.receiver = witness.to.leaf;
            if (memo.sender.tokenId != memo.receiver.tokenId) return (StepResult.TokenMismatch, 0);
        } else {
            if (witness.to.exists) return (StepResult.ReceiverExists, 0);
            // w0 < r and w1 < 2^160 (WORD_RANGE).
            memo.receiver = Leaf(step.words[0], address(uint160(step.words[1])), memo.sender.tokenId, 0, 0);
        }
        result = _pay(memo, context, step, witness);
        if (result != StepResult.Valid) return (result, 0);
        if (!_credit(memo.receiver, memo.fields.amount)) return (StepResult.BalanceOverflow, 0);
        newRoot = _rootOfPair(
            from,
            StepTree.leafHash(poseidon4, memo.sender),
            to,
            StepTree.leafHash(poseidon4, memo.receiver),
            witness
        );
    }

    /// @dev Kinds 3, 5 and 7: the leaf at `from`. What `to` of a move names is no leaf of this tree.
    function _executeDebit(
        Step memory memo,
        uint256 root,
        StepContext calldata context,
        StepRecord calldata step,
        StepWitness calldata witness
    ) private view returns (StepResult, uint256) {
        uint256 from = memo.fields.from;
        _requireLeaf(root, from, witness.from);
        if (witness.from.exists) memo.sender = witness.from.leaf;

        if (memo.fields.kind != KIND_FORCED_EXIT) {
            if (!witness.from.exists) return (StepResult.SenderEmpty, 0);
            // w0 < r (WORD_RANGE): the key there is signed in the place of a receiver's.
            if (memo.fields.kind == KIND_MOVE) memo.receiver.keyY = step.words[0];
            StepResult result = _pay(memo, context, step, witness);
            if (result != StepResult.Valid) return (result, 0);
            if (step.words[1] != _ownerAndToken(memo.sender) || step.words[2] != memo.fields.amount) {
                return (StepResult.WithdrawalMismatch, 0);
            }
        } else {
            bool pays = witness.from.exists && step.words[1] == _ownerAndToken(memo.sender);
            uint256 paid = pays ? memo.sender.balance : 0;
            if (step.words[2] != paid) return (StepResult.ExitMismatch, 0);
            if (paid == 0) return (StepResult.Valid, root);
            memo.sender.balance = 0;
        }
        uint256 node = StepTree.leafHash(poseidon4, memo.sender);
        return (StepResult.Valid, StepTree.rootOf(poseidon4, from, node, witness.from.siblings));
    }

    /// @dev Kinds 4 and 6: the leaf at `to`.
    function _executeCredit(
        Step memory memo,
        uint256 root,
        StepContext calldata context,
        StepRecord calldata step,
        LeafWitness calldata witness
    ) private view returns (StepResult, uint256) {
        uint256 to = memo.fields.to;
        _requireLeaf(root, to, witness);
        if (witness.exists) memo.receiver = witness.leaf;

        uint256 amount;
        if (memo.fields.kind == KIND_COLLECT_FEE) {
            if (!witness.exists) return (StepResult.ReceiverEmpty, 0);
            uint256 position = _feeTokenPosition(context, memo.receiver.tokenId);
            if (position == FEE_TOKEN_COUNT) return (StepResult.NotFeeToken, 0);
            amount = memo.fees[position];
            memo.fees[position] = 0;
        } else {
            amount = step.words[2];
            if (!witness.exists) {
                // w0 < r and w1 < 2^192 (WORD_RANGE): the casts cut the two parts of w1 apart.
                uint256 w1 = step.words[1];
                memo.receiver = Leaf(step.words[0], address(uint160(w1)), uint32(w1 >> TOKEN_SHIFT), 0, 0);
            } else if (memo.receiver.keyY != step.words[0] || _ownerAndToken(memo.receiver) != step.words[1]) {
                return (StepResult.DepositMismatch, 0);
            }
        }
        if (!_credit(memo.receiver, amount)) return (StepResult.BalanceOverflow, 0);
        uint256 node = StepTree.leafHash(poseidon4, memo.receiver);
        return (StepResult.Valid, StepTree.rootOf(poseidon4, to, node, witness.siblings));
    }

    /// @dev NOT_FEE_TOKEN to INSUFFICIENT_BALANCE; then takes amount, fee and nonce from the sender.
    /// Twin: packages/protocol/records/signed.ts applyPayment.
    function _pay(Step memory memo, StepContext calldata context, StepRecord calldata step, StepWitness calldata witness)
        private
        view
        returns (StepResult)
    {
        Leaf memory sender = memo.sender;
        uint256 fee = memo.fields.fee;
        uint256 position = _feeTokenPosition(context, sender.tokenId);
        if (fee != 0 && position == FEE_TOKEN_COUNT) return StepResult.NotFeeToken;
        uint256 validUntil = StepSignature.validUntilOf(step.authorization);
        if (validUntil != 0 && context.batchTime > validUntil) return StepResult.Expired;
        if (sender.nonce == type(uint32).max) return StepResult.NonceExhausted;
        uint256 message = _messageOf(memo, context.domain, step.record, validUntil);
        if (
            !StepSignature.isValid(
                poseidon5, message, sender.keyY, step.authorization, witness.keyX, witness.r8X
            )
        ) return StepResult.BadSignature;
        // amount < 2^138 and fee < 2^114: no overflow.
        uint256 cost = memo.fields.amount + fee;
        if (sender.balance < cost) return StepResult.InsufficientBalance;
        // cost ≤ balance < 2^128.
        sender.balance -= uint128(cost);
        sender.nonce += 1;
        if (fee != 0) memo.fees[position] += fee;
        return StepResult.Valid;
    }

    /// @dev Poseidon(domain, record + 2^124·nonce + 2^156·validUntil, a, b).
    /// Twin: packages/protocol/state/message.ts transactionMessage.
    function _messageOf(Step memory memo, uint256 domain, uint256 record, uint256 validUntil)
        private
        view
        returns (uint256)
    {
        if (memo.fields.kind == KIND_TRANSFER_TO_NEW) record &= ~StepShape.TO_FIELD;
        uint256 packed =
            record | (uint256(memo.sender.nonce) << NONCE_SHIFT) | (validUntil << VALID_UNTIL_SHIFT);
        // The receiver of a withdrawal is no leaf: both are 0. That of a move has a key only.
        return poseidon4.hash([domain, packed, memo.receiver.keyY, uint256(uint160(memo.receiver.owner))]);
    }

    /// @dev Adds to a balance unless it would reach 2^128.
    function _credit(Leaf memory leaf, uint256 amount) private pure returns (bool) {
        // A fee sum of a made-up state may be large; the state of a chain of valid records has none of 2^128 or more.
        if (amount > type(uint128).max - leaf.balance) return false;
        leaf.balance += uint128(amount);
        return true;
    }

    /// @dev Position of a token among the fee tokens, or 4.
    function _feeTokenPosition(StepContext calldata context, uint256 tokenId) private pure returns (uint256 position) {
        while (position < FEE_TOKEN_COUNT && context.feeTokens[position] != tokenId) ++position;
    }

    function _ownerAndToken(Leaf memory leaf) private pure returns (uint256) {
        return uint256(uint160(leaf.owner)) | (uint256(leaf.tokenId) << TOKEN_SHIFT);
    }

    function _nodeOf(LeafWitness calldata witness) private view returns (uint256) {
        return StepTree.nodeOf(poseidon4, witness);
    }

    function _rootOfPair(uint256 from, uint256 sender, uint256 to, uint256 receiver, StepWitness calldata witness)
        private
        view
        returns (uint256)
    {
        return StepTree.rootOfPair(poseidon4, from, sender, witness.from.siblings, to, receiver, witness.to.siblings);
    }

    function _requireLeaf(uint256 root, uint256 index, LeafWitness calldata witness) private view {
        _requireRoot(root, StepTree.rootOf(poseidon4, index, _nodeOf(witness), witness.siblings));
    }

    function _requireRoot(uint256 expected, uint256 actual) private pure {
        if (expected != actual) revert WrongStateProof(expected, actual);
    }
}
