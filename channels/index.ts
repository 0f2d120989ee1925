/** Payment channels as a process has them: where they are kept, how others reach them, and the party that runs. */

export { createStateKeys } from './keys.ts';
export { type ChannelNode, startChannelNode, WALLET_TERMS } from './node/node.ts';
export { createSecretsOnL1 } from './node/secrets.ts';
export {
  type ChannelServer,
  startChannelServer,
} from './server/server.ts';
export { type OpenChannelStore, openChannelStore } from './store/store.ts';
export {
  closeAlone,
  createFolderSource,
  createStateJudge,
  createStoreFileSource,
  createStoreSource,
  createTower,
  createTowerMeasurements,
  createTowerSender,
  type StateSource,
  TOWER_ALERTS,
  type Tower,
  type TowerOptions,
  type TowerReport,
  type TowerSender,
  untilPaidOut,
  type VaultAccounts,
  type VaultClaim,
  type VaultClaims,
  type WatchedState,
} from './tower/index.ts';
