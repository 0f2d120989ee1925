/**
 * Deploys a rollup with optimistic mode.
 *
 * npx hardhat ignition deploy cli/deploy/modules/Rollup.ts --network … --parameters parameters.json
 *
 * `verifyingKey` and `isDevelopmentKey` have no defaults: they come from the setup's artifacts. Points of G2 are imaginary
 * part first (contracts/types/VerifyingKey.sol). Everything else defaults to packages/protocol/params.ts.
 */

import { buildModule } from '@nomicfoundation/ignition-core';
import { deployFutures } from '../rollup-module.ts';

export default buildModule('Rollup', (m) => {
  const futures = deployFutures(m, true);
  const assertions = m.contractAt('Assertions', m.staticCall(futures.rollup, 'assertions'));
  return { ...futures, assertions };
});
