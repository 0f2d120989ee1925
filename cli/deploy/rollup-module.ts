/** The futures of a rollup's deployment; modules/ has one module with optimistic mode and one without. */

import type { IgnitionModuleBuilder, NamedArtifactContractDeploymentFuture } from '@nomicfoundation/ignition-core';
import { L1_DEFAULTS, OPTIMISTIC_DEFAULTS, PROFILES } from '@quittance/protocol';

/** Seconds that each change by the owner waits: longer than a user needs to leave. */
const DEFAULT_OWNER_DELAY_SECONDS = 14 * 86_400;
/** Stands for everybody among the executors of the timelock, and for nothing where a contract is left out. */
const ZERO_ADDRESS = '0x0000000000000000000000000000000000000000';

/** What the constructor wants in place of times and bonds that it does not read. */
const NO_OPTIMISTIC_MODE = {
  challengePeriod: 0,
  answerWindow: 0,
  stepWindow: 0,
  assertionBond: 0n,
  disputeBond: 0n,
  maxPending: 0,
};

/** Times and bonds of optimistic mode: contracts/types/AssertionTypes.sol AssertionParameters. */
function optimisticParameters(m: IgnitionModuleBuilder) {
  return {
    challengePeriod: m.getParameter('challengePeriod', OPTIMISTIC_DEFAULTS.challengePeriodSeconds),
    answerWindow: m.getParameter('answerWindow', OPTIMISTIC_DEFAULTS.answerWindowSeconds),
    stepWindow: m.getParameter('stepWindow', OPTIMISTIC_DEFAULTS.stepWindowSeconds),
    assertionBond: m.getParameter('assertionBond', OPTIMISTIC_DEFAULTS.assertionBondWei),
    disputeBond: m.getParameter('disputeBond', OPTIMISTIC_DEFAULTS.disputeBondWei),
    maxPending: m.getParameter('maxPending', OPTIMISTIC_DEFAULTS.maxPending),
  };
}

/** What creates the assertions: it holds their code, which the rollup has no room for. */
function assertionsFactory(m: IgnitionModuleBuilder, poseidon4: NamedArtifactContractDeploymentFuture<'Poseidon4'>) {
  const stepVerifier = m.contract('StepVerifier', [poseidon4, m.contract('Poseidon5')]);
  return m.contract('AssertionsFactory', [stepVerifier], { libraries: { StepJudge: m.library('StepJudge') } });
}

/** What the rollup is linked to: it has no room for their code. */
const librariesOf = (m: IgnitionModuleBuilder) => ({
  BatchReader: m.library('BatchReader'),
  DepositGroups: m.library('DepositGroups'),
  MoveExecution: m.library('MoveExecution'),
  StateProofs: m.library('StateProofs'),
});

/** Verifier, Poseidon, a timelock as owner, the rollup itself; and with optimistic mode, what executes disputed records. */
export function deployFutures(m: IgnitionModuleBuilder, isOptimistic: boolean) {
  const deployer = m.getAccount(0);
  const timelock = m.contract('Timelock', [
    m.getParameter('ownerDelay', DEFAULT_OWNER_DELAY_SECONDS),
    [m.getParameter('proposer', deployer)],
    [ZERO_ADDRESS],
  ]);
  const verifier = m.contract('Groth16BatchVerifier', [
    m.getParameter('verifyingKey'),
    m.getParameter('isDevelopmentKey'),
  ]);
  const poseidon = m.contract('Poseidon4');
  const rollup = m.contract(
    'Rollup',
    [
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
        assertionsFactory: isOptimistic ? assertionsFactory(m, poseidon) : ZERO_ADDRESS,
        optimistic: isOptimistic ? optimisticParameters(m) : NO_OPTIMISTIC_MODE,
        blobsAllowed: m.getParameter('blobsAllowed', false),
      },
    ],
    { libraries: librariesOf(m) },
  );
  return { rollup, verifier, poseidon, timelock };
}
