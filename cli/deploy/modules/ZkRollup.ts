/** Deploys a rollup without optimistic mode: every batch comes with its proofs. Parameters as in Rollup.ts, under ZkRollup. */

import { buildModule } from '@nomicfoundation/ignition-core';
import { deployFutures } from '../rollup-module.ts';

export default buildModule('ZkRollup', (m) => deployFutures(m, false));
