/** Errors of the REST mirror: problem details (RFC 9457) with the same code, values and hint as over JSON-RPC. */

import { ERRORS, RpcNumber } from '@quittance/protocol';
import type { RpcErrorJson } from '@quittance/rpc';
import type { FastifyReply } from 'fastify';
import { httpStatusOf, retryAfterOf, rpcError } from './errors.ts';

/** Content type of a problem. */
const PROBLEM_TYPE = 'application/problem+json';

/** What a client of the mirror gets instead of a result. */
export interface Problem {
  /** Names the kind of problem; the same for all with one code. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** To branch on: `data.reason` of JSON-RPC. */
  readonly code: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly hint?: string;
  readonly leader?: string;
}

/** Titles, by the number of the error. */
const TITLES: Readonly<Record<number, string>> = {
  [RpcNumber.invalidParams]: 'wrong parameters',
  [RpcNumber.notFound]: 'not found',
  [RpcNumber.methodNotFound]: 'not found',
  [RpcNumber.limit]: 'too much, or too early',
  [RpcNumber.internal]: 'the sequencer failed',
};

/** What all errors of a number have in common, for people. */
export function titleOf(number: number): string {
  return TITLES[number] ?? 'refused';
}

/** HTTP status of an error where it is the answer to a path. */
export function statusOfProblem(error: Pick<RpcErrorJson, 'code' | 'data'>): number {
  if (error.code === RpcNumber.invalidParams || error.code === RpcNumber.invalidInput) return 400;
  if (error.code === RpcNumber.notFound || error.code === RpcNumber.methodNotFound) return 404;
  const status = httpStatusOf({ message: '', ...error });
  return status === 200 ? 400 : status;
}

/** An error as a problem. */
function problemOf(error: RpcErrorJson): Problem {
  const { reason = 'INTERNAL', ...details } = error.data ?? {};
  return {
    type: `urn:quittance:error:${reason}`,
    title: titleOf(error.code),
    status: statusOfProblem(error),
    detail: error.message,
    code: reason,
    ...details,
  };
}

/** The error of a path behind which there is nothing. */
export function nothingAt(path: string): RpcErrorJson {
  const hint = ERRORS.NOT_FOUND.hint ?? 'see /docs';
  return rpcError(RpcNumber.notFound, `there is nothing at ${path.slice(0, 200)}`, 'NOT_FOUND', { hint });
}

/** Answers with a problem. @param retryAfterSeconds when it makes sense to try again, where that is known. */
export function sendProblem(reply: FastifyReply, error: RpcErrorJson, retryAfterSeconds?: number): FastifyReply {
  const problem = problemOf(error);
  if (problem.status === 503) void reply.header('retry-after', String(retryAfterSeconds ?? retryAfterOf(error) ?? 5));
  if (problem.status === 429) void reply.header('retry-after', String(retryAfterSeconds ?? 1));
  void reply.header('cache-control', 'no-store');
  return reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}
