/** What people hear about actions that are not made, or that failed. */

import type { Alert } from '../monitoring/alerts.ts';
import type { Failure } from './decisions.ts';
import type { Refusal } from './guard.ts';
import type { Task } from './plan.ts';
import type { ChunkCase } from './situation.ts';

const HOUR_MS = 3_600_000;

/** A lie that is not challenged. */
export function refusalAlert({ assertionId, headerHash, number, chunk }: ChunkCase, refusal: Refusal): Alert {
  const { reason, message } = refusal;
  return {
    kind: 'challengeRefused',
    key: `${assertionId}:${headerHash}:${chunk}:${reason}`,
    message: `batch ${number} is wrong but not challenged: ${message}`,
    data: { assertionId, batch: number, chunk, reason },
  };
}

/** An action that is not sent at this price; told again every hour. */
export function feeAlert(
  { move, key }: Pick<Task, 'move' | 'key'>,
  { gas, costWei }: { readonly gas: bigint; readonly costWei: bigint },
  maxFeePerGas: bigint,
  nowMs: number,
): Alert {
  const feePerGas = costWei / gas;
  return {
    kind: 'feeAboveLimit',
    key: `${key}:${Math.floor(nowMs / HOUR_MS)}`,
    message: `${move} is not sent: gas costs ${feePerGas} wei, the limit is ${maxFeePerGas}`,
    data: { move, feePerGas, maxFeePerGas, costWei },
  };
}

/** An action that failed. */
export function failureAlert({ move, key }: Pick<Task, 'move' | 'key'>, { reason }: Failure, error: Error): Alert {
  return {
    kind: 'actionFailed',
    key: `${key}:${reason}`,
    message: `${move} failed: ${error.message}`,
    data: { move, key, reason },
  };
}
