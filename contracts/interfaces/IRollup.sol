// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;

import {Batch, BatchData, BatchReading, Proof, StoredHeader, WithdrawalProof} from "../types/RollupTypes.sol";
import {IAssertions} from "./IAssertions.sol";
import {IBatchVerifier, IProofErrors} from "./IBatchVerifier.sol";

/// @title The rollup on L1
/// @notice Rules: docs/protocol.md. Errors of `submitBatch`, deposits, exits requests and claims with their values;
/// events from which the whole state can be rebuilt together with the calldata of `submitBatch`.
interface IRollup is IProofErrors {
    // ---------------------------------------------------------------- errors: who and what

    /// @notice Batches come from plain accounts only, so that their data is top-level calldata.
    error CallerNotPlainAccount(address caller, address origin);
    /// @notice The caller is no producer and producing is not open to all.
    error NotProducer(address caller);
    /// @notice Only the assertions hand over batches that waited.
    error NotAssertions(address caller);
    /// @notice A parameter of the deployment is out of its range.
    error InvalidParameter(string name, uint256 value);

    // ---------------------------------------------------------------- errors: batches

    /// @notice The calldata is another encoding than abi.encode's.
    error CalldataNotCanonical();
    /// @notice The batch is not the next one.
    error WrongBatchNumber(uint64 expected, uint64 actual);
    /// @notice The given parent is not the last final header.
    error WrongParent(bytes32 expected, bytes32 actual);
    /// @notice The batch is older than its parent.
    error BatchBeforeParent(uint40 parentTime, uint40 time);
    /// @notice The batch time lies in the future.
    error BatchInFuture(uint256 blockTime, uint40 time);
    /// @notice The batch time lies too far back.
    error BatchTooOld(uint256 oldestTime, uint40 time);
    /// @notice A batch has 1 to `maxChunks` chunks.
    error WrongChunkCount(uint256 maximum, uint256 actual);
    /// @notice A list of the batch has not one entry a chunk (roots: one more).
    /// @param list "roots", "commitments", "feeTokens", "chunks", "evaluations", "proofs" or "authorizations"; "opening", which
    /// has 96 bytes or none; "commitments" of an answer too, where the count is that of the slots but the last.
    error WrongListLength(string list, uint256 expected, uint256 actual);
    /// @notice roots[0] is not the parent's state root.
    error WrongFirstRoot(uint256 expected, uint256 actual);
    /// @notice Fee tokens must be strictly ascending, 2^32 as the filler, and nothing above 132 bits.
    error WrongFeeTokens(uint256 chunk, uint256 feeTokens);
    /// @notice Data stands in form 0, 1 or 2.
    error UnknownForm(uint256 form);
    /// @notice A chunk's data in calldata has not the length of its M/2 blocks.
    error WrongDataLength(uint256 chunk, uint256 expected, uint256 actual);
    /// @notice This deployment takes data in calldata only.
    error BlobsNotAllowed();
    /// @notice The transaction has not exactly the blobs of the data.
    /// @param actual Where there are more, one more than expected.
    error WrongBlobCount(uint256 expected, uint256 actual);
    /// @notice The batch would need more blobs than a transaction has.
    error TooManyBlobs(uint256 maximum, uint256 actual);
    /// @notice y of a chunk is not below q.
    error EvaluationNotInField(uint256 chunk, uint256 value);
    /// @notice The precompile does not confirm that the blob has this value at z.
    error WrongOpening(bytes32 versionedHash, uint256 challenge, uint256 y);
    /// @notice A visible list is not a whole number of entries.
    error WrongVisibleLength(uint256 chunk, uint256 length);
    /// @notice A visible list has more entries than the chunk has slots.
    error TooManyVisible(uint256 chunk, uint256 maximum, uint256 actual);
    /// @notice An entry of a visible list is not of kind 2, 3, 4, 5 or 7.
    /// @param kind All that stands above the 120 lower bits of the record, of which 4 bits are the kind.
    error KindNotVisible(uint256 chunk, uint256 entry, uint256 kind);
    /// @notice A word is not below the order of the scalar field.
    error WordNotInField(uint256 chunk, uint256 entry, uint256 word, uint256 value);
    /// @notice An entry of kind 4 or 5 stands behind another one.
    error PriorityRecordNotFirst(uint256 chunk, uint256 entry);
    /// @notice The batch executes operations that were never requested.
    error PriorityNotRequested(uint64 requested, uint64 executed);
    /// @notice The batch's priority records differ from the queue.
    error WrongPriorityOperations(bytes32 expected, bytes32 actual);
    /// @notice The batch leaves an operation that is overdue at the batch's time, though it has room.
    error OverdueOperationSkipped(uint64 operationId, uint64 deadline, uint40 time);
    /// @notice Transfers to new accounts would take leaves that requested deposits need.
    error TreeFull(uint256 deposits, uint256 transfersToNew);

    // ---------------------------------------------------------------- errors: requests, claims, tokens

    /// @notice Exactly this much ETH must come along: the priority fee, plus the amount of an ETH deposit. An exit request
    /// may pay up to `maxPriorityFee`.
    error WrongValue(uint256 expected, uint256 actual);
    /// @notice keyY is not below the order of the scalar field.
    error KeyNotInField(uint256 keyY);
    /// @notice The owner of a deposit is missing.
    error ZeroOwner();
    /// @notice The amount of a deposit is 0.
    error ZeroAmount();
    /// @notice No token has this id.
    error UnknownToken(uint32 tokenId);
    /// @notice The token's total in the rollup would reach 2^128.
    error TotalTooLarge(uint32 tokenId, uint256 total, uint256 amount);
    /// @notice The token delivered another amount (a fee on transfer, for example).
    error WrongAmountDelivered(uint256 expected, uint256 actual);
    /// @notice The tree has no leaf left for further deposits.
    error DepositsFull(uint256 used);
    /// @notice The tree has no such account.
    error AccountIndexTooLarge(uint32 accountIndex);
    /// @notice The address has no code or is this contract.
    error NotAToken(address token);
    /// @notice The token has an id already.
    error TokenAlreadyRegistered(address token, uint32 tokenId);
    /// @notice No further token ids.
    error TooManyTokens();
    /// @notice The given header is not that of the final batch of its number.
    error UnknownHeader(uint64 number, bytes32 expected, bytes32 actual);
    /// @notice The batch has fewer withdrawals.
    error WithdrawalIndexTooLarge(uint32 count, uint32 index);
    /// @notice The proof has another depth than the batch's withdrawals.
    error WrongProofLength(uint256 expected, uint256 actual);
    /// @notice The proof leads to another root.
    error WrongWithdrawalsRoot(bytes32 expected, bytes32 actual);
    /// @notice The withdrawal was paid already.
    error AlreadyClaimed(uint64 number, uint32 index);
    /// @notice The receiver did not take the ETH.
    error PaymentRefused(address receiver, uint256 amount);
    /// @notice Only the owner may have its money sent elsewhere.
    error NotOwner(address owner, address caller);
    /// @notice Money cannot go to the address 0 or to the rollup itself.
    error NoReceiver(address receiver);
    /// @notice There is nothing to collect.
    error NoFees(address account);
    /// @notice The owner cannot set so high a fee.
    error PriorityFeeTooHigh(uint256 maximum, uint256 actual);

    // ---------------------------------------------------------------- events

    /// @notice A batch is final. Number 0, the genesis, is emitted by the constructor.
    event BatchFinalized(uint64 indexed number, bytes32 indexed headerHash, StoredHeader header);
    /// @notice A deposit (kind 4) or exit request (kind 5) entered the queue.
    /// @param operationId Position in the queue, from 0.
    /// @param owner Deposit: owner of the account; exit: who asked.
    /// @param record Record with 0 in the fields that the producer fills.
    /// @param w2 Deposit: amount; exit: 0 (the producer fills in what is paid).
    /// @param earliestDeadline Unix seconds: it is due D from now, or later behind others that are pending.
    /// @param fee Wei for the producer that executes it.
    event PriorityRequested(
        uint64 indexed operationId,
        address indexed owner,
        uint256 record,
        uint256 w0,
        uint256 w1,
        uint256 w2,
        uint40 earliestDeadline,
        uint256 fee
    );
    /// @notice A withdrawal was paid.
    event WithdrawalClaimed(
        uint64 indexed number, uint32 index, address indexed owner, uint32 indexed tokenId, uint256 amount
    );
    /// @notice A token got its id. Id 0 is ETH, with the address 0.
    event TokenRegistered(uint32 indexed tokenId, address indexed token);
    /// @notice A producer was admitted or dismissed.
    event ProducerSet(address indexed producer, bool admitted);
    /// @notice Requests cost another fee from now on.
    event PriorityFeeSet(uint256 fee);
    /// @notice Fees went to someone who can collect them.
    event FeesCredited(address indexed account, uint256 amount);
    /// @notice Fees were collected.
    event FeesCollected(address indexed account, uint256 amount);

    // ---------------------------------------------------------------- producers

    /// @notice Makes a batch final. Caller: a producer (anyone once producing is open), a plain account.
    /// @param parent Header of the last final batch.
    /// @param batch What the batch claims.
    /// @param data Its data: in calldata (form 0) when it has chunks, otherwise in one blob (form 1).
    /// @param proofs One proof a chunk, in order.
    function submitBatch(
        StoredHeader calldata parent,
        Batch calldata batch,
        BatchData calldata data,
        Proof[] calldata proofs
    ) external;

    /// @notice Checks everything about a batch but who produces it, that its parent stands, its encoding and its proofs. Anyone
    /// may ask, the assertions rely on it. Blobs are those of the transaction.
    /// @param parent Taken as given: the caller knows that it stands.
    /// @param form 0 calldata, 1 coefficients in a blob, 2 evaluations in blobs.
    /// @return What it says; roots and commitments may be ≥ r, which the verifier refuses.
    function readBatch(StoredHeader calldata parent, Batch calldata batch, uint8 form, BatchData calldata data)
        external
        view
        returns (BatchReading memory);

    /// @notice Makes a batch final that waited long enough or was proven. Caller: `assertions`, which has checked the batch.
    /// @param header On the last final one.
    /// @param producer Gets the fees of the operations that the batch executes.
    function finalizeAsserted(StoredHeader calldata header, address producer) external;

    /// @notice Pays out the caller's collected fees.
    function collectFees() external;

    /// @notice The same, to another receiver.
    function collectFeesTo(address receiver) external;

    // ---------------------------------------------------------------- users

    /// @notice Requests a deposit into the account of (keyY, owner, tokenId); the producer picks its index.
    /// @param tokenId 0 is ETH: then `msg.value` is `amount` plus the priority fee, otherwise the fee alone.
    /// @param amount Base units, 1 to 2^128 − 1.
    /// @param keyY y of the BabyJubJub key, < r. Whether it is a usable key is not checked here.
    /// @param owner L1 address that withdrawals will go to.
    /// @return operationId Its position in the priority queue.
    function deposit(uint32 tokenId, uint256 amount, uint256 keyY, address owner)
        external
        payable
        returns (uint64 operationId);

    /// @notice Requests that all of an account is paid out. It pays 0 unless the caller owns the account.
    /// `msg.value` goes to the producer: at least the priority fee and at most `maxPriorityFee`, so that no change of the
    /// fee on the way can fail a request that pays the most.
    /// @param accountIndex Index of the account, < 4^12.
    /// @param tokenId Token of the account.
    /// @return operationId Its position in the priority queue.
    function requestExit(uint32 accountIndex, uint32 tokenId) external payable returns (uint64 operationId);

    /// @notice Gives an ERC-20 token its id. Anyone may.
    function registerToken(address token) external returns (uint32 tokenId);

    /// @notice Pays withdrawals of one final batch to their owners. Anyone may.
    /// @param header Header of the batch.
    /// @param withdrawals What is paid; all or none of them.
    function claimWithdrawals(StoredHeader calldata header, WithdrawalProof[] calldata withdrawals) external;

    /// @notice The same for the owner itself, who names another receiver. Caller: the owner of all of them.
    function claimWithdrawalsTo(
        StoredHeader calldata header,
        WithdrawalProof[] calldata withdrawals,
        address receiver
    ) external;

    // ---------------------------------------------------------------- owner

    /// @notice Admits or dismisses a producer. Owner only.
    function setProducer(address producer, bool admitted) external;

    /// @notice Sets the fee of later priority operations, at most `maxPriorityFee`. Owner only.
    function setPriorityFee(uint128 fee) external;

    // ---------------------------------------------------------------- views

    /// @notice Progress of the final chain: last batch, priority operations and transfers to new executed so far.
    function finalState() external view returns (uint64 number, uint64 priorityCount, uint64 transferToNewCount);
    /// @notice Hash of the header of a final batch, 0 if there is none.
    function headerHash(uint64 number) external view returns (bytes32);
    /// @notice Requests so far, and deposits among them.
    function queueState() external view returns (uint64 requestedCount, uint64 depositCount);
    /// @notice A requested operation: the rolling hash up to and including it (0 within a group), its deadline as it stands
    /// now, which executions bring forward, and its fee; zeros for one that was not requested, or executed by a final batch.
    function priorityOperation(uint64 operationId)
        external
        view
        returns (bytes32 rollingHash, uint64 deadline, uint256 fee);
    /// @notice The group of the queue that an operation is part of: its first id and how many there are. Zeros for an
    /// operation that was not requested, or executed by a final batch.
    function operationGroup(uint64 operationId) external view returns (uint64 firstId, uint64 size);
    /// @notice Fee that a request must pay now, in wei.
    function priorityFee() external view returns (uint128);
    /// @notice Address of a token; reverts for unknown ids.
    function tokenAddress(uint32 tokenId) external view returns (address);
    /// @notice Id of a token; reverts for unknown addresses, 0 for the address 0 (ETH).
    function tokenIdOf(address token) external view returns (uint32);
    /// @notice Number of ids given, ETH included.
    function tokenCount() external view returns (uint32);
    /// @notice What the rollup owes in this token: balances, waiting deposits and unclaimed withdrawals.
    function trackedTotal(uint32 tokenId) external view returns (uint256);
    /// @notice Whether the account is on the list of producers.
    function isProducer(address account) external view returns (bool);
    /// @notice Whether anyone may produce, because an operation is overdue for longer than `livenessTimeout`.
    function isProducingOpen() external view returns (bool);
    /// @notice Whether a withdrawal was paid.
    function isClaimed(uint64 number, uint32 index) external view returns (bool);
    /// @notice Fees that an account can collect, in wei.
    function collectableFees(address account) external view returns (uint256);
    /// @notice keccak(abi(chainId, contract)) mod r: part of every signed message.
    function domain() external view returns (uint256);
    /// @notice Batches that wait, and disputes about them; the address 0 without optimistic mode.
    function assertions() external view returns (IAssertions);
    /// @notice Verifier of the chunk proofs.
    function verifier() external view returns (IBatchVerifier);
    /// @notice M: slots of a chunk.
    function slotsPerChunk() external view returns (uint256);
    /// @notice Most chunks of a batch.
    function maxChunks() external view returns (uint256);
    /// @notice Whether batches may have their data in blobs.
    function blobsAllowed() external view returns (bool);
    /// @notice Oldest that a batch may be, in seconds.
    function maxBatchAge() external view returns (uint256);
    /// @notice D, in seconds.
    function priorityDelay() external view returns (uint40);
    /// @notice Δ, in seconds.
    function priorityInterval() external view returns (uint40);
    /// @notice See RollupParameters.
    function livenessTimeout() external view returns (uint40);
    /// @notice See RollupParameters.
    function exodusDelay() external view returns (uint40);
    /// @notice Highest priority fee that the owner can set, in wei.
    function maxPriorityFee() external view returns (uint128);
}
