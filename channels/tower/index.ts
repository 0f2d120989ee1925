/** Watches over channels while their parties sleep. */

export type { TowerAction, TowerResult } from './act.ts';
export { TOWER_ALERTS, type TowerAlert, type TowerAlertKind } from './alerts.ts';
export { createStateJudge, type StateJudge } from './candidates.ts';
export type { VaultClaim, VaultClaims } from './claims.ts';
export {
  type CloseAloneOptions,
  type ClosedAlone,
  closeAlone,
  type PaidOutOptions,
  untilPaidOut,
} from './close-alone.ts';
export type { VaultAccount, VaultAccounts } from './exits.ts';
export { createFolderSource, type FolderSourceOptions } from './folder-source.ts';
export { createTowerMeasurements } from './measurements.ts';
export { showableSecrets } from './secrets.ts';
export { createTowerSender, type SenderOptions, type TowerSender } from './sender.ts';
export { createStoreFileSource, createStoreSource, type StoreFileOptions } from './store-source.ts';
export {
  createTower,
  reportKey,
  type Tower,
  type TowerChannel,
  type TowerLoopOptions,
  type TowerOptions,
  type TowerReport,
} from './tower.ts';
export type { SourceAnswer, SourceProblem, StateSource, WatchedState } from './types.ts';
