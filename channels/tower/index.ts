/** Watches over channels while their parties sleep. */

export { TOWER_ALERTS } from './alerts.ts';
export { createStateJudge } from './candidates.ts';
export type { VaultClaim, VaultClaims } from './claims.ts';
export { closeAlone, untilPaidOut } from './close-alone.ts';
export type { VaultAccounts } from './exits.ts';
export { createFolderSource } from './folder-source.ts';
export type { TowerReport } from './look.ts';
export { createTowerMeasurements } from './measurements.ts';
export { createTowerSender, type TowerSender } from './sender.ts';
export { createStoreFileSource, createStoreSource } from './store-source.ts';
export { createTower, type Tower, type TowerOptions } from './tower.ts';
export type { StateSource, WatchedState } from './types.ts';
