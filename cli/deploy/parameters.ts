/** What a deployment fixes for good, and the constraints between its values. */

import {
  DEPOSIT_RESERVE_LEAVES,
  L1_DEFAULTS,
  MAX_WAIT_WITH_BLOBS_SECONDS,
  MIN_WINDOWS,
  OPTIMISTIC_DEFAULTS,
  PROFILES,
  type Profile,
} from '@quittance/protocol';
import * as parse from '../config/parse.ts';
import { toggle, type Values, withDefault } from '../config/setting.ts';
import { UsageError } from '../process/errors.ts';

/** Seconds that each change by the owner waits: longer than a user needs to leave. */
const DEFAULT_OWNER_DELAY_SECONDS = 14 * 86_400;

/** Clocks and fees of the contract, as settings. */
export const PARAMETERS = {
  maxBatchAge: withDefault(
    '<duration>',
    parse.duration,
    L1_DEFAULTS.maxBatchAgeSeconds,
    'a batch older than this is refused by L1',
  ),
  priorityDelay: withDefault(
    '<duration>',
    parse.duration,
    L1_DEFAULTS.priorityDelaySeconds,
    'a deposit or exit request is due this long after it was made',
  ),
  priorityInterval: withDefault(
    '<duration>',
    parse.duration,
    L1_DEFAULTS.priorityIntervalSeconds,
    'minimum time between the deadlines of two requests',
  ),
  livenessTimeout: withDefault(
    '<duration>',
    parse.duration,
    L1_DEFAULTS.livenessTimeoutSeconds,
    'a request overdue for this long lets anyone produce batches',
  ),
  exodusDelay: withDefault(
    '<duration>',
    parse.duration,
    L1_DEFAULTS.exodusDelaySeconds,
    'a request overdue for this long opens the exodus',
  ),
  ownerDelay: withDefault(
    '<duration>',
    parse.duration,
    DEFAULT_OWNER_DELAY_SECONDS,
    'each change by the owner waits this long',
  ),
  priorityFee: withDefault('<wei>', parse.wei, L1_DEFAULTS.priorityFeeWei, 'fee of a deposit or exit request'),
  maxPriorityFee: withDefault(
    '<wei>',
    parse.wei,
    L1_DEFAULTS.maxPriorityFeeWei,
    'highest fee that the owner can ever set',
  ),
} as const;

/** Times and bonds of optimistic mode, as settings. */
export const OPTIMISTIC_PARAMETERS = {
  challengePeriod: withDefault(
    '<duration>',
    parse.duration,
    OPTIMISTIC_DEFAULTS.challengePeriodSeconds,
    'an asserted batch can be disputed for this long',
  ),
  answerWindow: withDefault(
    '<duration>',
    parse.duration,
    OPTIMISTIC_DEFAULTS.answerWindowSeconds,
    'time to answer a dispute',
  ),
  stepWindow: withDefault(
    '<duration>',
    parse.duration,
    OPTIMISTIC_DEFAULTS.stepWindowSeconds,
    'time to prove a step after the answer',
  ),
  assertionBond: withDefault('<wei>', parse.wei, OPTIMISTIC_DEFAULTS.assertionBondWei, 'bond of an asserted batch'),
  disputeBond: withDefault('<wei>', parse.wei, OPTIMISTIC_DEFAULTS.disputeBondWei, 'bond of a dispute'),
  maxPending: withDefault(
    '<number>',
    parse.integer(1, 65_535),
    OPTIMISTIC_DEFAULTS.maxPending,
    'most batches with a bond that may wait at once',
  ),
  zkOnly: toggle(parse.flag, 'without optimistic mode: every batch comes with its proofs, for good'),
} as const;

export type DeployParameters = Values<typeof PARAMETERS>;
export type OptimisticSettings = Values<typeof OPTIMISTIC_PARAMETERS>;

/**
 * Checks that disputes of batches in blobs end before L1 drops the blobs.
 *
 * @throws UsageError. Source: the constructor of contracts/base/OptimisticMode.sol.
 */
export function checkWait({ challengePeriod, answerWindow, stepWindow }: OptimisticSettings): void {
  const wait = challengePeriod + answerWindow + stepWindow;
  if (wait <= MAX_WAIT_WITH_BLOBS_SECONDS) return;
  throw new UsageError(
    `challengePeriod + answerWindow + stepWindow is ${wait} s, with --data blobs it must be ${MAX_WAIT_WITH_BLOBS_SECONDS} s ` +
      'or less: L1 drops a blob after 18 days, and nobody could prove a lie in it any more',
  );
}

/**
 * Refuses in words, before anything is sent, what the contracts would refuse of optimistic mode.
 *
 * @throws UsageError. Source: the constructors of contracts/base/OptimisticMode.sol and contracts/assertions/*.sol.
 */
export function checkOptimistic(
  values: OptimisticSettings &
    Pick<DeployParameters, 'livenessTimeout' | 'exodusDelay' | 'priorityDelay' | 'maxBatchAge'>,
  { slotsPerChunk, maxChunks }: Profile,
): void {
  const { challengePeriod, answerWindow, stepWindow, livenessTimeout, exodusDelay } = values;
  for (const name of ['challengePeriod', 'answerWindow', 'stepWindow', 'assertionBond', 'disputeBond'] as const) {
    if (BigInt(values[name]) === 0n)
      throw new UsageError(`${name} is 0: nobody could dispute in time, or lies would be free`);
  }
  const wait = challengePeriod + answerWindow + stepWindow;
  const parts = 'challengePeriod + answerWindow + stepWindow';
  if (livenessTimeout <= wait) {
    throw new UsageError(
      `livenessTimeout is ${livenessTimeout} s, it must be longer than ${parts} (${wait} s): ` +
        'otherwise a request in a waiting batch would let anyone produce batches',
    );
  }
  const least = values.priorityDelay + values.maxBatchAge + wait;
  if (exodusDelay <= least) {
    throw new UsageError(
      `exodusDelay is ${exodusDelay} s, it must be longer than priorityDelay + maxBatchAge + ${parts} (${least} s): ` +
        'otherwise a request in a waiting batch would open the exodus',
    );
  }
  const isDefault =
    values.assertionBond === OPTIMISTIC_DEFAULTS.assertionBondWei ||
    values.disputeBond === OPTIMISTIC_DEFAULTS.disputeBondWei;
  if (slotsPerChunk > PROFILES.standard.slotsPerChunk && isDefault) {
    throw new UsageError(
      `the default bonds pay for disputes of chunks of ${PROFILES.standard.slotsPerChunk} slots, not of ${slotsPerChunk}; ` +
        'choose --assertion-bond and --dispute-bond (docs/how-to/deploy.md), or --zk-only',
    );
  }
  const most = Math.floor(DEPOSIT_RESERVE_LEAVES / (slotsPerChunk * maxChunks));
  if (values.maxPending > most) {
    throw new UsageError(
      `maxPending is ${values.maxPending}, it must be ${most} or less with batches of ${slotsPerChunk * maxChunks} slots: ` +
        'the accounts that waiting batches open must fit in what deposits leave free',
    );
  }
}

/** Four blocks: how long a transaction with blobs that is in the way is given (packages/chain/transactions.ts, 45 s). */
const GRACE_OF_BLOBS_SECONDS = 48;

/**
 * Least answer window where batches are asserted in blobs: a transaction with blobs may be on its way when the dispute opens,
 * and must be replaced by an empty one before the answer, which takes as long as the answer itself.
 */
const MIN_ANSWER_WINDOW_WITH_BLOBS_SECONDS = 2 * MIN_WINDOWS.answerWindowSeconds + GRACE_OF_BLOBS_SECONDS;

/**
 * Checks that the windows of optimistic mode hold the transactions that they are for, on a chain with value. The contracts
 * ask for less where data may be in blobs: they do not know which account sends them.
 *
 * @throws UsageError. Source: the constructor of contracts/assertions/Disputes.sol.
 */
export function checkWindows(values: OptimisticSettings, blobsAllowed: boolean): void {
  for (const [name, least, what] of [
    ['challengePeriod', MIN_WINDOWS.challengePeriodSeconds, 'a dispute'],
    ['answerWindow', MIN_WINDOWS.answerWindowSeconds, 'an answer'],
    ['stepWindow', MIN_WINDOWS.stepWindowSeconds, 'a step proof, which is two transactions,'],
  ] as const) {
    if (values[name] >= least) continue;
    throw new UsageError(
      `${name} is ${values[name]} s, it must be ${least} s or more on this chain: ${what} may need as long to get into a ` +
        'block, and whoever is right would lose',
    );
  }
  if (!blobsAllowed || values.answerWindow >= MIN_ANSWER_WINDOW_WITH_BLOBS_SECONDS) return;
  throw new UsageError(
    `answerWindow is ${values.answerWindow} s, with --data blobs it must be ${MIN_ANSWER_WINDOW_WITH_BLOBS_SECONDS} s or more ` +
      'on this chain: an assertion in blobs that is stuck has to be replaced before an answer of the same account gets into ' +
      'a block; hours are better',
  );
}

/**
 * Refuses in words, before anything is sent, what the contract would refuse.
 *
 * @throws UsageError. Source: the constructors of contracts/base/Exodus.sol, Requests.sol and Producers.sol.
 */
export function checkParameters(parameters: DeployParameters): void {
  const { exodusDelay, livenessTimeout, priorityDelay, maxBatchAge, priorityFee, maxPriorityFee } = parameters;
  if (parameters.priorityInterval === 0) {
    throw new UsageError('priorityInterval is 0 s: so many requests could fall due at once that nobody can keep up');
  }
  if (exodusDelay <= livenessTimeout) {
    throw new UsageError(
      `exodusDelay is ${exodusDelay} s, it must be longer than livenessTimeout (${livenessTimeout} s): ` +
        'others need the chance to produce batches first',
    );
  }
  if (exodusDelay <= priorityDelay + maxBatchAge) {
    throw new UsageError(
      `exodusDelay is ${exodusDelay} s, it must be longer than priorityDelay + maxBatchAge ` +
        `(${priorityDelay + maxBatchAge} s): an honest producer may need that long`,
    );
  }
  if (priorityFee > maxPriorityFee) {
    throw new UsageError(`priorityFee is ${priorityFee} wei, above maxPriorityFee (${maxPriorityFee} wei)`);
  }
}
