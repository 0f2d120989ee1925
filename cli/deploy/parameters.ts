/** What a deployment fixes for good, and what must hold between the values. */

import { L1_DEFAULTS } from '../../protocol/index.ts';
import * as parse from '../config/parse.ts';
import { type Values, withDefault } from '../config/setting.ts';
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
    'least time between the deadlines of two requests',
  ),
  livenessTimeout: withDefault(
    '<duration>',
    parse.duration,
    L1_DEFAULTS.livenessTimeoutSeconds,
    'a request overdue for this long lets anyone produce',
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
  priorityFee: withDefault('<wei>', parse.baseUnits, L1_DEFAULTS.priorityFeeWei, 'fee of a deposit or exit request'),
  maxPriorityFee: withDefault(
    '<wei>',
    parse.baseUnits,
    L1_DEFAULTS.maxPriorityFeeWei,
    'highest fee that the owner can ever set',
  ),
} as const;

export type DeployParameters = Values<typeof PARAMETERS>;

/**
 * Checks what the contract would refuse, before anything is sent, with words.
 *
 * @throws UsageError. Twins: the constructors of contracts/base/Exodus.sol, Requests.sol and Producers.sol.
 */
export function checkParameters(parameters: DeployParameters): void {
  const { exodusDelay, livenessTimeout, priorityDelay, maxBatchAge, priorityFee, maxPriorityFee } = parameters;
  if (parameters.priorityInterval === 0) {
    throw new UsageError('priorityInterval is 0 s: so many requests could fall due at once that nobody can keep up');
  }
  if (exodusDelay <= livenessTimeout) {
    throw new UsageError(
      `exodusDelay is ${exodusDelay} s, it must be longer than livenessTimeout (${livenessTimeout} s): ` +
        'others need their chance to produce',
    );
  }
  if (exodusDelay <= priorityDelay + maxBatchAge) {
    throw new UsageError(
      `exodusDelay is ${exodusDelay} s, it must be longer than priorityDelay + maxBatchAge ` +
        `(${priorityDelay + maxBatchAge} s): an honest producer may need as long`,
    );
  }
  if (priorityFee > maxPriorityFee) {
    throw new UsageError(`priorityFee is ${priorityFee} wei, above maxPriorityFee (${maxPriorityFee} wei)`);
  }
}
