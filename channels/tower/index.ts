/** Watches over channels while their parties sleep. */

export type { TowerAction, TowerResult } from './act.ts';
export { TOWER_ALERTS, type TowerAlert, type TowerAlertKind } from './alerts.ts';
export { createStateJudge, type StateJudge } from './candidates.ts';
export type { VaultAccount, VaultAccounts } from './exits.ts';
export { decodeWatchedState, encodeWatchedState } from './exported.ts';
export { createFolderSource } from './folder-source.ts';
export { createTowerMeasurements } from './measurements.ts';
export { createTowerSender, type SenderOptions, type TowerSender } from './sender.ts';
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
