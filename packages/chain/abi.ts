/**
 * The part of the contract's interface that services and wallets use, as text: a browser can load it, and
 * test/chain/abi.test.ts compares it with the compiled contract. Source: contracts/interfaces/IRollup.sol.
 */

import { Interface } from 'ethers';

/** Tuples that both contracts share. Source: contracts/types/RollupTypes.sol. */
export const HEADER =
  'tuple(uint64 number, uint40 time, bytes32 parentHash, uint256 stateRoot, bytes32 chunksHash, ' +
  'bytes32 withdrawalsRoot, uint32 withdrawalCount, uint64 priorityCount, uint64 transferToNewCount)';
export const BATCH = 'tuple(uint64 number, uint40 time, uint256[] roots, uint256[] commitments, uint256[] feeTokens)';
export const PROOF =
  'tuple(uint256 aX, uint256 aY, uint256 bXImaginary, uint256 bXReal, uint256 bYImaginary, uint256 bYReal, uint256 cX, uint256 cY)';
/** What submitBatch takes of the data, whichever way the records come. Source: contracts/types/RollupTypes.sol. */
export const BATCH_DATA = 'tuple(bytes[] chunks, bytes[] visible, uint256[] evaluations, bytes opening)';
const WITHDRAWAL = 'tuple(uint32 index, uint256 ownerAndToken, uint256 amount, bytes32[] siblings)';
export const LEAF = 'tuple(uint256 keyY, address owner, uint32 tokenId, uint32 nonce, uint128 balance)';

/** Human-readable fragments: functions, events, errors. */
export const ROLLUP_ABI: readonly string[] = [
  `function submitBatch(${HEADER} parent, ${BATCH} batch, ${BATCH_DATA} data, ${PROOF}[] proofs)`,
  'function deposit(uint32 tokenId, uint256 amount, uint256 keyY, address owner) payable returns (uint64 operationId)',
  'function requestExit(uint32 accountIndex, uint32 tokenId) payable returns (uint64 operationId)',
  'function registerToken(address token) returns (uint32 tokenId)',
  `function claimWithdrawals(${HEADER} header, ${WITHDRAWAL}[] withdrawals)`,
  `function claimWithdrawalsTo(${HEADER} header, ${WITHDRAWAL}[] withdrawals, address receiver)`,
  'function collectFees()',
  'function collectFeesTo(address receiver)',
  'function setProducer(address producer, bool admitted)',
  'function setPriorityFee(uint128 fee)',
  'function finalState() view returns (uint64 number, uint64 priorityCount, uint64 transferToNewCount)',
  'function headerHash(uint64 number) view returns (bytes32)',
  'function queueState() view returns (uint64 requestedCount, uint64 depositCount)',
  'function priorityOperation(uint64 operationId) view returns (bytes32 rollingHash, uint64 deadline, uint256 fee)',
  'function priorityFee() view returns (uint128)',
  'function tokenAddress(uint32 tokenId) view returns (address)',
  'function tokenIdOf(address token) view returns (uint32)',
  'function tokenCount() view returns (uint32)',
  'function trackedTotal(uint32 tokenId) view returns (uint256)',
  'function isProducer(address account) view returns (bool)',
  'function isProducingOpen() view returns (bool)',
  'function isClaimed(uint64 number, uint32 index) view returns (bool)',
  'function collectableFees(address account) view returns (uint256)',
  `function activateExodus(${HEADER} header)`,
  `function exit(uint32 accountIndex, ${LEAF} leaf, uint256[3][12] siblings)`,
  `function exitTo(uint32 accountIndex, ${LEAF} leaf, uint256[3][12] siblings, address receiver)`,
  'function reclaimOperationTo(uint64 operationId, uint256 record, uint256 w0, uint256 w1, uint256 w2, address receiver)',
  'function reclaimOperation(uint64 operationId, uint256 record, uint256 w0, uint256 w1, uint256 w2)',
  'function isExodusActive() view returns (bool)',
  'function hasExited(uint32 accountIndex) view returns (bool)',
  'function isReclaimed(uint64 operationId) view returns (bool)',
  'function assertions() view returns (address)',
  'function domain() view returns (uint256)',
  'function slotsPerChunk() view returns (uint256)',
  'function maxChunks() view returns (uint256)',
  'function maxBatchAge() view returns (uint256)',
  'function blobsAllowed() view returns (bool)',
  `event BatchFinalized(uint64 indexed number, bytes32 indexed headerHash, ${HEADER} header)`,
  'event PriorityRequested(uint64 indexed operationId, address indexed owner, uint256 record, uint256 w0, uint256 w1, uint256 w2, uint40 earliestDeadline, uint256 fee)',
  'event WithdrawalClaimed(uint64 indexed number, uint32 index, address indexed owner, uint32 indexed tokenId, uint256 amount)',
  'event TokenRegistered(uint32 indexed tokenId, address indexed token)',
  'error CallerNotPlainAccount(address caller, address origin)',
  'error NotProducer(address caller)',
  'error NotAssertions(address caller)',
  'error InvalidParameter(string name, uint256 value)',
  'error CalldataNotCanonical()',
  'error WrongProofCount(uint256 inputCount, uint256 proofCount)',
  'error InputNotInField(uint256 proofIndex, uint256 inputIndex, uint256 value)',
  'error InvalidProof()',
  'error WrongVerifierAnswer(address verifier, uint256 size, bytes32 answer)',
  'error WrongBatchNumber(uint64 expected, uint64 actual)',
  'error WrongParent(bytes32 expected, bytes32 actual)',
  'error BatchBeforeParent(uint40 parentTime, uint40 time)',
  'error BatchInFuture(uint256 blockTime, uint40 time)',
  'error BatchTooOld(uint256 oldestTime, uint40 time)',
  'error WrongChunkCount(uint256 maximum, uint256 actual)',
  'error WrongListLength(string list, uint256 expected, uint256 actual)',
  'error WrongFirstRoot(uint256 expected, uint256 actual)',
  'error WrongFeeTokens(uint256 chunk, uint256 feeTokens)',
  'error WrongDataLength(uint256 chunk, uint256 expected, uint256 actual)',
  'error ReservedKind(uint256 chunk, uint256 slot, uint256 kind)',
  'error WordNotInField(uint256 chunk, uint256 slot, uint256 word, uint256 value)',
  'error PriorityRecordNotFirst(uint256 chunk, uint256 slot)',
  'error PriorityNotRequested(uint64 requested, uint64 executed)',
  'error WrongPriorityOperations(bytes32 expected, bytes32 actual)',
  'error OverdueOperationSkipped(uint64 operationId, uint64 deadline, uint40 time)',
  'error TreeFull(uint256 deposits, uint256 transfersToNew)',
  'error WrongValue(uint256 expected, uint256 actual)',
  'error KeyNotInField(uint256 keyY)',
  'error ZeroOwner()',
  'error ZeroAmount()',
  'error UnknownToken(uint32 tokenId)',
  'error TotalTooLarge(uint32 tokenId, uint256 total, uint256 amount)',
  'error WrongAmountDelivered(uint256 expected, uint256 actual)',
  'error DepositsFull(uint256 used)',
  'error AccountIndexTooLarge(uint32 accountIndex)',
  'error NotAToken(address token)',
  'error TokenAlreadyRegistered(address token, uint32 tokenId)',
  'error TooManyTokens()',
  'error UnknownHeader(uint64 number, bytes32 expected, bytes32 actual)',
  'error WithdrawalIndexTooLarge(uint32 count, uint32 index)',
  'error WrongProofLength(uint256 expected, uint256 actual)',
  'error WrongWithdrawalsRoot(bytes32 expected, bytes32 actual)',
  'error AlreadyClaimed(uint64 number, uint32 index)',
  'error PaymentRefused(address receiver, uint256 amount)',
  'error NotOwner(address owner, address caller)',
  'error NoReceiver(address receiver)',
  'error NoFees(address account)',
  'error PriorityFeeTooHigh(uint256 maximum, uint256 actual)',
  'error AlreadyExited(uint32 accountIndex)',
  'error AlreadyReclaimed(uint64 operationId)',
  'error BatchesFinalizable()',
  'error ExodusActive()',
  'error ExodusNotActive()',
  'error ExodusNotDue()',
  'error NotInField(uint256 value)',
  'error OperationExecuted(uint64 operationId, uint64 executed)',
  'error OwnableUnauthorizedAccount(address account)',
  'error ReentrancyGuardReentrantCall()',
  'error SafeERC20FailedOperation(address token)',
  'error WrongLeafProof(uint256 expectedRoot, uint256 actualRoot)',
  'error WrongOperation(uint64 operationId)',
];

/** Encoder and decoder of calls, events and custom errors of the rollup contract. */
export const rollupInterface = new Interface(ROLLUP_ABI);
