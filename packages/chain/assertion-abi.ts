/**
 * The interface of the Assertions contract as text, and the errors of the step verifier that its calls pass on.
 * test/chain/assertion-abi.test.ts compares both with the compiled contracts. Source: contracts/interfaces/IAssertions.sol.
 */

import { Interface } from 'ethers';
import { BATCH, BATCH_DATA, HEADER, LEAF, PROOF } from './abi.ts';

const ASSERTION_DATA = '(bytes[] chunks, bytes[] authorizations, bytes[] visible)';
const CONTENT =
  '(uint8 form, uint256[9][] inputs, bytes32[] dataHashes, bytes32[] authorizationHashes, bytes32[] visibleHashes)';
const STATE = '(uint256 stateRoot, uint256[4] fees, uint256 visibleCount)';
const LEAF_WITNESS = `(bool exists, ${LEAF} leaf, uint256[3][12] siblings)`;
const WITNESS = `(${LEAF_WITNESS} from, ${LEAF_WITNESS} to, uint256 keyX, uint256 r8X)`;
const STEP_PROOF =
  `(uint64 assertionId, uint8 chunk, uint16 slot, bytes32 salt, ${CONTENT} content, bytes data, ` +
  `bytes authorizations, bytes openings, bytes32[] entryHashes, bytes entry, bytes32[] commitments, ${STATE} before, ` +
  `${WITNESS} witness)`;
const ASSERTION =
  '(bytes32 headerHash, bytes32 contentHash, address asserter, uint40 assertedAt, uint8 chunkCount, ' +
  'bool isRejected, bool isReleased, uint64 number, uint64 provenChunks, uint64 disputedChunks, uint64 bondedCount)';
const CHUNK_DISPUTES =
  '(bytes32 answerHash, uint64 firstDisputeId, uint40 firstDisputeAt, uint40 lastDisputeAt, uint40 answeredAt)';
const DISPUTE = '(uint64 assertionId, uint8 chunk, address disputer, uint40 openedAt, bool isSettled)';

/** Human-readable fragments: functions, events, errors. */
export const ASSERTIONS_ABI: readonly string[] = [
  `function assertBatch(${HEADER} parent, ${BATCH} batch, ${ASSERTION_DATA} data) payable returns (uint64 assertionId)`,
  `function submitBatch(${HEADER} parent, ${BATCH} batch, ${BATCH_DATA} data, ${PROOF}[] proofs) returns (uint64 assertionId)`,
  `function submitProofs(uint64 assertionId, ${CONTENT} content, uint256 firstChunk, ${PROOF}[] proofs)`,
  `function finalizeBatches(${HEADER}[] headers)`,
  'function openDispute(uint64 assertionId, bytes32 headerHash, uint256 chunk) payable returns (uint64 disputeId)',
  'function answerDispute(uint64 assertionId, bytes32 headerHash, uint256 chunk, bytes32[] commitments)',
  'function commitStep(bytes32 commitment)',
  `function proveStep(${STEP_PROOF} proof)`,
  'function rejectUnanswered(uint64 assertionId, uint256 chunk)',
  'function settleDispute(uint64 disputeId)',
  'function releaseBond(uint64 assertionId)',
  'function noteProof(uint64 number, address producer)',
  'function collectCredit(address receiver)',
  'function rollup() view returns (address)',
  'function stepVerifier() view returns (address)',
  'function pendingRange() view returns (uint64 finalNumber, uint64 lastNumber)',
  'function pendingId(uint64 number) view returns (uint64 assertionId)',
  'function isPending(uint64 assertionId) view returns (bool)',
  'function isFinalizable() view returns (bool)',
  `function assertion(uint64 assertionId) view returns (${ASSERTION})`,
  `function chunkDisputes(uint64 assertionId, uint256 chunk) view returns (${CHUNK_DISPUTES})`,
  `function dispute(uint64 disputeId) view returns (${DISPUTE})`,
  'function counts() view returns (uint64 assertionCount, uint64 disputeCount)',
  'function stepCommittedAt(bytes32 commitment) view returns (uint256 blockNumber)',
  'function creditOf(address account) view returns (uint256)',
  'function challengePeriod() view returns (uint40)',
  'function answerWindow() view returns (uint40)',
  'function stepWindow() view returns (uint40)',
  'function assertionBond() view returns (uint128)',
  'function disputeBond() view returns (uint128)',
  'function maxPending() view returns (uint16)',
  `event BatchAsserted(uint64 indexed assertionId, uint64 indexed number, bytes32 indexed headerHash, address asserter, bool isProven, ${HEADER} header)`,
  'event ChunksProven(uint64 indexed assertionId, uint256 firstChunk, uint256 count)',
  'event DisputeOpened(uint64 indexed disputeId, uint64 indexed assertionId, uint256 chunk, address indexed disputer)',
  'event ChunkAnswered(uint64 indexed assertionId, uint256 chunk, bytes32[] commitments)',
  'event StepCommitted(bytes32 indexed commitment, address indexed sender)',
  'event StepProven(uint64 indexed assertionId, uint256 chunk, uint256 slot, uint8 result)',
  'event AssertionRejected(uint64 indexed assertionId, uint64 indexed number, address indexed winner, bool unanswered)',
  'event DisputeSettled(uint64 indexed disputeId, bool isLost)',
  'event BondReleased(uint64 indexed assertionId)',
  'event BatchesOvertaken(uint64 indexed number, address indexed producer)',
  'event BondForfeited(uint64 indexed assertionId)',
  'event CreditCollected(address indexed account, address indexed receiver, uint256 amount)',
  'error UnknownAssertion(uint64 assertionId)',
  'error WrongAssertion(uint64 assertionId, bytes32 expected, bytes32 actual)',
  'error AssertionNotPending(uint64 assertionId)',
  'error TooManyPending(uint256 maximum)',
  'error TooManyNewAccounts(uint256 maximum, uint256 actual)',
  'error NotRollup(address caller)',
  'error ParentIsFinal(bytes32 parentHash)',
  'error TooMuchData(uint256 maximum, uint256 actual)',
  'error WrongBond(uint256 expected, uint256 actual)',
  'error WrongContent(bytes32 expected, bytes32 actual)',
  'error ChunkOutOfRange(uint256 chunkCount, uint256 chunk)',
  'error SlotOutOfRange(uint256 slotsPerChunk, uint256 slot)',
  'error ChunkProven(uint64 assertionId, uint256 chunk)',
  'error TooLate(uint256 deadline, uint256 time)',
  'error TooEarly(uint256 deadline, uint256 time)',
  'error ChunkNotDisputed(uint64 assertionId, uint256 chunk)',
  'error NotAsserter(address expected, address actual)',
  'error AlreadyAnswered(uint64 assertionId, uint256 chunk)',
  'error NotAnswered(uint64 assertionId, uint256 chunk)',
  'error WrongAnswer(bytes32 expected, bytes32 actual)',
  'error NotProvable(uint64 assertionId)',
  'error WrongChunkData(bytes32 expected, bytes32 actual)',
  'error WrongVisibleList(bytes32 expected, bytes32 actual)',
  'error WrongVisibleEntry(bytes32 expected, bytes32 actual)',
  'error WrongOpeningsLength(uint256 expected, uint256 actual)',
  'error WrongElement(bytes32 versionedHash, uint256 element, uint256 value)',
  'error WrongAuthorizations(bytes32 expected, bytes32 actual)',
  'error WrongStateBefore(bytes32 expected, bytes32 actual)',
  'error StepNotCommitted(bytes32 commitment)',
  'error AlreadyCommitted(bytes32 commitment)',
  'error NoFraud(uint64 assertionId, uint256 chunk, uint256 slot)',
  'error DisputeNotOpen(uint64 disputeId)',
  'error DisputeRuns(uint64 disputeId)',
  'error NoBond(uint64 assertionId)',
  'error AssertionPending(uint64 assertionId)',
  'error NoCredit(address account)',
  'error PaymentFailed(address receiver, uint256 amount)',
];

/** What the step verifier refuses: a wrong witness, which is never an outcome. */
export const STEP_ERRORS: readonly string[] = [
  'error RecordTooWide(uint256 record)',
  'error WrongAuthorizationLength(uint256 length)',
  'error WrongStateProof(uint256 expectedRoot, uint256 actualRoot)',
  'error WitnessNotInField(uint256 value)',
  'error WrongCoordinate(uint256 y, uint256 x)',
  'error ExponentiationFailed()',
];

/** Encoder and decoder of calls, events and custom errors of the Assertions contract. */
export const assertionsInterface = new Interface([...ASSERTIONS_ABI, ...STEP_ERRORS]);
