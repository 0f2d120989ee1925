/** How the prover API answers, and what of an error workers see. */

import type { ServerResponse } from 'node:http';
import { type ErrorCode, isRollupError } from '@quittance/protocol';
import type { RewardJson } from '../../../prover/index.ts';
import type { Reward } from '../types.ts';

/** The body of an error. */
export interface FleetError {
  readonly code: string;
  readonly message: string;
  /** Seconds after which to come again. */
  readonly retryAfterSeconds?: number;
  /** URL of the node that leads, where it is known. */
  readonly leader?: string;
}

/** Everything else is ours, and nobody else's business. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  PROVER_TOKEN_REFUSED: 401,
  PROVER_QUARANTINED: 403,
  BAD_SIGNATURE: 403,
  NOT_FOUND: 404,
  KEY_OF_ANOTHER_CIRCUIT: 409,
  STATEMENT_CLOSED: 410,
  BODY_TOO_LARGE: 413,
  PROOF_INVALID: 422,
  RATE_LIMITED: 429,
  OUT_OF_RANGE: 400,
  INVALID_ADDRESS: 400,
  TIMEOUT: 400,
  QUEUE_FULL: 503,
  SHUTTING_DOWN: 503,
};
const DEFAULT_RETRY_SECONDS = 2;

/** A reward as workers read it. */
export function rewardJson(reward: Reward | undefined): RewardJson | null {
  return reward === undefined ? null : { tokenId: reward.tokenId, amount: reward.amount.toString() };
}

/** Sends JSON, once: later calls do nothing. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(body);
}

/** Sends an error. What is left of a body is not read: the connection ends. @returns whether it was one of ours. */
export function sendError(response: ServerResponse, error: unknown): boolean {
  const status = isRollupError(error)
    ? STATUS[error.code]
    : (error as { readonly statusCode?: number } | null)?.statusCode;
  if (!response.headersSent) response.setHeader('connection', 'close');
  if (status === undefined) {
    sendJson(response, 503, { code: 'INTERNAL', message: 'the sequencer cannot do this at present' });
    return false;
  }
  const { message } = error as Error;
  const code = isRollupError(error) ? error.code : 'INVALID_REQUEST';
  const retryAfterSeconds = isRollupError(error, 'RATE_LIMITED')
    ? error.data.retryAfterSeconds
    : status === 503
      ? DEFAULT_RETRY_SECONDS
      : undefined;
  if (retryAfterSeconds !== undefined && !response.headersSent) {
    response.setHeader('retry-after', String(retryAfterSeconds));
  }
  sendJson(response, status, {
    code,
    message,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  } satisfies FleetError);
  return true;
}
