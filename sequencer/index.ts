/** The sequencer: accepts transfers, seals batches, has them proven and brings them to L1. */

export type { ApiSettings } from './api/config.ts';
export { type Api, type ApiCluster, startApi } from './api/server.ts';
export { VERSION } from './api/version.ts';
export { type Cluster, createCluster } from './cluster/cluster.ts';
export { createForwarder, type Forwarder } from './cluster/forwarder.ts';
export { createNodeGauges } from './cluster/gauges.ts';
export type { NodeStats, Stats } from './cluster/stats.ts';
export {
  createSequencerConfig,
  type FeeToken,
  type PriceBound,
  SEQUENCER_MODES,
  type SequencerMode,
  type SequencerSettings,
} from './config.ts';
export { createArtifacts } from './fleet/api/artifacts.ts';
export { startFleetApi } from './fleet/api/server.ts';
export { createFleet, type Fleet } from './fleet/fleet.ts';
export { openFleetLedger } from './fleet/ledger/ledger.ts';
export { createMarket, marketMessage } from './fleet/market.ts';
export { createFleetSummary, fleetStatus, fleetSummary } from './fleet/status.ts';
export { addToken, readTokens, revokeToken } from './fleet/token-file.ts';
export { isReadable } from './halt.ts';
export type { TransferRequest } from './mempool/request.ts';
export { createNode, type Node } from './node/index.ts';
export { createOwnBlobs } from './publisher/own-blobs.ts';
export { type RecoveryReport, recoverFromL1 } from './recovery/recover.ts';
export {
  createSequencer,
  type Sequencer,
  type SequencerOptions,
  type SyncStatus,
} from './sequencer.ts';
export { findDamage } from './start/check.ts';
export { readDeployment } from './start/deployment.ts';
export type {
  Acknowledgement,
  BatchProver,
  ProofVerifier,
  SequencerCrypto,
  TransferStatus,
} from './types.ts';
