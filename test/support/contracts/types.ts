/** Functions and views of the contracts and of their test doubles: what ethers gives has an index signature only. */

import { assertionsInterface, rollupInterface } from '@quittance/chain';
import {
  type BaseContract,
  Contract,
  type ContractMethod,
  type ContractRunner,
  type ContractTransactionResponse,
} from 'ethers';

type Method = ContractMethod<unknown[], unknown, ContractTransactionResponse>;
/** What each view answers, by its name. */
type Views<Answers extends object> = {
  readonly [Name in keyof Answers]: ContractMethod<unknown[], Answers[Name], Answers[Name]>;
};
/** A contract with these functions and views (its own type has an index signature only). */
export type ContractWith<Names extends string, Answers extends object = object> = BaseContract & {
  readonly [Name in Names]: Method;
} & Views<Answers>;

export type RollupContract = ContractWith<
  | 'submitBatch'
  | 'deposit'
  | 'requestExit'
  | 'registerToken'
  | 'claimWithdrawals'
  | 'claimWithdrawalsTo'
  | 'collectFees'
  | 'collectFeesTo'
  | 'setProducer'
  | 'setPriorityFee'
  | 'activateExodus'
  | 'exit'
  | 'exitTo'
  | 'reclaimOperation'
  | 'reclaimOperationTo'
  | 'registerDestination'
  | 'executeMoves'
  | 'claimMoves'
  | 'claimMovesTo'
  | 'importMoves'
  | 'readBatch'
  | 'finalizeAsserted',
  {
    finalState: [number: bigint, priorityCount: bigint, transferToNewCount: bigint];
    headerHash: string;
    queueState: [requestedCount: bigint, depositCount: bigint];
    priorityOperation: [requestHash: string, deadline: bigint, fee: bigint];
    operationGroup: [firstId: bigint, size: bigint];
    destinationOf: string;
    destinationCount: bigint;
    moveClaimDelay: bigint;
    maxImport: bigint;
    priorityFee: bigint;
    priorityDelay: bigint;
    slotsPerChunk: bigint;
    maxChunks: bigint;
    blobsAllowed: boolean;
    tokenAddress: string;
    tokenIdOf: bigint;
    tokenCount: bigint;
    trackedTotal: bigint;
    isProducer: boolean;
    isProducingOpen: boolean;
    isClaimed: boolean;
    collectableFees: bigint;
    domain: bigint;
    owner: string;
    verifier: string;
    poseidon: string;
    assertions: string;
    isExodusActive: boolean;
    hasExited: boolean;
    isReclaimed: boolean;
  }
>;

/** An assertion as the contract keeps it. */
export interface AssertionAnswer {
  readonly headerHash: string;
  readonly contentHash: string;
  readonly asserter: string;
  readonly assertedAt: bigint;
  readonly chunkCount: bigint;
  readonly isRejected: boolean;
  readonly isReleased: boolean;
  readonly provenChunks: bigint;
  readonly disputedChunks: bigint;
  readonly number: bigint;
}

export type AssertionsContract = ContractWith<
  | 'assertBatch'
  | 'submitBatch'
  | 'submitProofs'
  | 'finalizeBatches'
  | 'openDispute'
  | 'answerDispute'
  | 'commitStep'
  | 'proveStep'
  | 'rejectUnanswered'
  | 'settleDispute'
  | 'releaseBond'
  | 'noteProof'
  | 'collectCredit',
  {
    pendingRange: [parentHash: string, firstNumber: bigint, lastNumber: bigint];
    pendingId: bigint;
    isPending: boolean;
    isFinalizable: boolean;
    assertion: AssertionAnswer;
    chunkDisputes: [
      answerHash: string,
      firstDisputeId: bigint,
      firstDisputeAt: bigint,
      lastDisputeAt: bigint,
      answeredAt: bigint,
    ] & {
      answerHash: string;
      firstDisputeId: bigint;
      firstDisputeAt: bigint;
      lastDisputeAt: bigint;
      answeredAt: bigint;
    };
    dispute: { disputer: string; assertionId: bigint; chunk: bigint; openedAt: bigint; isSettled: boolean };
    counts: [assertions: bigint, disputes: bigint];
    stepCommittedAt: bigint;
    creditOf: bigint;
    challengePeriod: bigint;
    answerWindow: bigint;
    stepWindow: bigint;
    assertionBond: bigint;
    disputeBond: bigint;
    maxPending: bigint;
    rollup: string;
    stepVerifier: string;
  }
>;

type TokenFunction = 'mint' | 'approve' | 'transfer' | 'transferFrom';
interface TokenAnswers {
  balanceOf: bigint;
  allowance: bigint;
}
/** An ERC-20 of contracts/mocks. */
export type TokenContract<More extends string = never> = ContractWith<TokenFunction | More, TokenAnswers>;

/** X, Y, Z and T. */
export interface ExtendedPoint {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}
interface StepCryptography {
  multiplyAdd(left: bigint, x: bigint, y: bigint, right: bigint): Promise<ExtendedPoint>;
  add(x1: bigint, y1: bigint, x2: bigint, y2: bigint): Promise<ExtendedPoint>;
  double(x: bigint, y: bigint, count: number): Promise<ExtendedPoint>;
  negate(x: bigint, y: bigint): Promise<ExtendedPoint>;
  isIdentity(x: bigint, y: bigint): Promise<boolean>;
  squareOfX(y: bigint): Promise<[bigint, bigint]>;
  isValid(
    hasher: string,
    message: bigint,
    keyY: bigint,
    authorization: Uint8Array,
    keyX: bigint,
    r8X: bigint,
  ): Promise<boolean>;
}

/** A lonely close as the contract keeps it. */
export interface CloseAnswer {
  readonly stateHash: string;
  readonly version: bigint;
  readonly periodEnd: bigint;
  readonly bondHolder: string;
  readonly isSettled: boolean;
  readonly residualIsB: boolean;
  readonly closedVersion: bigint;
  readonly claim: bigint;
  readonly paidSenior: bigint;
  readonly paidResidual: bigint;
}

export type ChannelsContract = ContractWith<
  'close' | 'challenge' | 'requestExits' | 'settle' | 'payout' | 'payoutTo' | 'collectExitFees' | 'collectBonds',
  { vaultOf: string; stateHash: string; closeOf: CloseAnswer; creditOf: bigint; bond: bigint; rollup: string }
>;

/** By the name in Solidity. */
export interface ContractTypes {
  Channels: ChannelsContract;
  ChannelVault: ContractWith<'requestExit' | 'collectFees' | 'pay'>;
  Preimages: ContractWith<'reveal' | 'revealAll', { revealedAt: bigint }>;
  Rollup: RollupContract;
  Assertions: AssertionsContract;
  Groth16BatchVerifier: ContractWith<never, { verify: boolean; keyHash: string; isDevelopmentKey: boolean }>;
  TimelockController: ContractWith<'schedule' | 'execute'>;
  BadDestination: ContractWith<'setTaking' | 'setCall' | 'pull', { imports: bigint; lastCount: bigint }>;
  BarringToken: TokenContract<'bar'>;
  BonusToken: TokenContract;
  ChangingContract: ContractWith<'change'>;
  FalseToken: TokenContract;
  FeeSwitchToken: TokenContract<'setOdd'>;
  FeeOnTransferToken: TokenContract;
  Forwarder: ContractWith<'forward' | 'setTakesEther', { takesEther: boolean }>;
  NoReturnToken: TokenContract;
  RebasingToken: TokenContract<'rebase'>;
  ReentrantReceiver: ContractWith<'forward' | 'setCall', { payments: bigint; entries: bigint }>;
  ReentrantToken: TokenContract<'setCall'>;
  ResettingToken: TokenContract;
  StickyAllowanceToken: TokenContract<'setOdd'>;
  StepCryptography: BaseContract & StepCryptography;
  TestToken: TokenContract;
}

/** A contract by its name in Solidity, which says what it has. */
export function typed<Name extends keyof ContractTypes>(_name: Name, contract: BaseContract): ContractTypes[Name] {
  return contract as ContractTypes[Name];
}

/** A rollup with the interface that services and wallets use. */
export function rollupAt(address: string, runner: ContractRunner): RollupContract {
  return typed('Rollup', new Contract(address, rollupInterface, runner));
}

/** The assertions contract of a rollup, likewise. */
export function assertionsAt(address: string, runner: ContractRunner): AssertionsContract {
  return typed('Assertions', new Contract(address, assertionsInterface, runner));
}

/** The same contract, called by another account. */
export function connectedTo<T extends BaseContract>(contract: T, runner: ContractRunner): T {
  return contract.connect(runner) as T;
}
