/**
 * The SDK for wallets and exchanges: a wallet with the verbs that users of other rollups know, and below it keys, signing and
 * the client of the sequencer. Runs in browsers.
 */

export { assertionsAbi, rollupAbi } from '@quittance/chain';
export {
  createKeyPair,
  type ErrorCode,
  isRollupError,
  type KeyPair,
  keyDerivationMessage,
  keyPairFromEthereumSignature,
  publicKeyOf,
  RollupError,
} from '@quittance/protocol';
export type { AccountJson, TransferJson } from '@quittance/rpc';
export {
  type ClientOptions,
  createClient,
  encodeTransfer,
  type SendResult,
  type SequencerClient,
  toRollupError,
} from './client.ts';
export { type LocatedMove, type LocateMovesOptions, locateMoves, type MoveState } from './locate-moves.ts';
export { operationOf } from './operation.ts';
export {
  type Intent,
  type MoveIntent,
  type SignedTransfer,
  signIntent,
  signReference,
  type TransferIntent,
  type TransferToNewIntent,
  type WithdrawIntent,
} from './sign.ts';
export { accountsOfOwner, pickAccount, type StateTag } from './wallet/accounts.ts';
export { type Direction, roundAmount, roundFee } from './wallet/amounts.ts';
export { createWallet } from './wallet/create.ts';
export { requireProportion } from './wallet/fees.ts';
export type {
  Survey,
  SurveyedAccount,
  SurveyedClaim,
  SurveyedRequest,
  SurveyOptions,
} from './wallet/l1/survey.ts';
export { findPayee, type Payee } from './wallet/payees.ts';
export { formatReceiver, parseReceiver, type ReceiverKey } from './wallet/receiver.ts';
export { deriveRollupKey } from './wallet/rollup-key.ts';
export { toSigner } from './wallet/signers.ts';
export { surveyL1 } from './wallet/survey.ts';
export type {
  Balance,
  CallOptions,
  ClaimOptions,
  DepositRequest,
  Eip1193Provider,
  ExitFromL1,
  ExitOptions,
  ExitProgress,
  Handle,
  HistoryItem,
  HistoryOptions,
  IncomingPayment,
  L1Options,
  LeavingCosts,
  LeftBehind,
  LeftReason,
  MoveRequest,
  Outcome,
  PaidOut,
  PayOptions,
  PriorityHandle,
  PriorityStatus,
  RebuildRequest,
  RebuildState,
  Receiver,
  RefusedPayment,
  SignedPayment,
  Stage,
  TokenInfo,
  TokenRef,
  TransferHandle,
  TransferRequest,
  TransferStatus,
  WaitOptions,
  Wallet,
  WalletOptions,
  WalletSigner,
  WatchOptions,
  WithdrawRequest,
} from './wallet/types.ts';
