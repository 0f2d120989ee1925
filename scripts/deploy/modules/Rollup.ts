/**
 * Deploys a rollup: verifier, Poseidon, a timelock as owner, the rollup itself.
 *
 * npx hardhat ignition deploy scripts/deploy/modules/Rollup.ts --network … --parameters parameters.json
 *
 * `verifyingKey` and `isDevelopmentKey` have no defaults: they come from the set-up's artifacts. Points of G2 are imaginary
 * part first (contracts/types/VerifyingKey.sol). Everything else defaults to protocol/params.ts.
 */

import { buildModule } from '@nomicfoundation/hardhat-ignition/modules';
import { L1_DEFAULTS, PROFILES } from '../../../protocol/index.ts';

/** Seconds that each change by the owner waits: longer than a user needs to leave. */
const DEFAULT_OWNER_DELAY_SECONDS = 14 * 86_400;
/** Stands for everybody among the executors of the timelock. */
const ANYBODY = '0x0000000000000000000000000000000000000000';

export default buildModule('Rollup', (m) => {
  const deployer = m.getAccount(0);
  const timelock = m.contract('Timelock', [
    m.getParameter('ownerDelay', DEFAULT_OWNER_DELAY_SECONDS),
    [m.getParameter('proposer', deployer)],
    [ANYBODY],
  ]);
  const verifier = m.contract('Groth16BatchVerifier', [
    m.getParameter('verifyingKey'),
    m.getParameter('isDevelopmentKey'),
  ]);
  const poseidon = m.contract('Poseidon4');
  const rollup = m.contract('Rollup', [
    {
      owner: timelock,
      verifier,
      poseidon,
      slotsPerChunk: m.getParameter('slotsPerChunk', PROFILES.standard.slotsPerChunk),
      maxChunks: m.getParameter('maxChunks', PROFILES.standard.maxChunks),
      maxBatchAge: m.getParameter('maxBatchAge', L1_DEFAULTS.maxBatchAgeSeconds),
      priorityDelay: m.getParameter('priorityDelay', L1_DEFAULTS.priorityDelaySeconds),
      priorityInterval: m.getParameter('priorityInterval', L1_DEFAULTS.priorityIntervalSeconds),
      livenessTimeout: m.getParameter('livenessTimeout', L1_DEFAULTS.livenessTimeoutSeconds),
      exodusDelay: m.getParameter('exodusDelay', L1_DEFAULTS.exodusDelaySeconds),
      priorityFee: m.getParameter('priorityFee', L1_DEFAULTS.priorityFeeWei),
      maxPriorityFee: m.getParameter('maxPriorityFee', L1_DEFAULTS.maxPriorityFeeWei),
      producers: [m.getParameter('producer', deployer)],
    },
  ]);
  return { rollup, verifier, poseidon, timelock };
});
