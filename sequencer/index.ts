/** The sequencer: accepts transfers, seals batches, has them proven and brings them to L1. */

export { type Api, type ApiConfig, type ApiOptions, DEFAULT_API_CONFIG, startApi } from './api/server.ts';
export {
  createSequencerConfig,
  type FeeToken,
  SEQUENCER_MODES,
  type SequencerConfig,
  type SequencerMode,
  type SequencerSettings,
} from './config.ts';
export type { EventBus, SequencerEvents } from './events.ts';
export { isReadable } from './halt.ts';
export type { TransferRequest } from './mempool/request.ts';
export type { AccountProof, Queries, TransferView, WithdrawalClaim } from './queries.ts';
export { createSequencer, type Sequencer, type SequencerOptions, type SyncStatus } from './sequencer.ts';
export type {
  Acknowledgement,
  BatchProver,
  ProveOptions,
  SequencerCrypto,
  StateTag,
  TransferStatus,
} from './types.ts';
